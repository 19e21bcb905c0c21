"""What every door that speaks HTTP shares; knows no dialect and no database."""
