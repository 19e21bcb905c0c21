"""The tools that speak HTTP, to hosts that the agent may reach."""
