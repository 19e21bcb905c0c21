"""Who answers: one turn of a model with tools. Knows no database and no door."""
