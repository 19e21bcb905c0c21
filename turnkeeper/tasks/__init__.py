"""What is done later: slow, repeated safely, resumed after a crash."""
