"""What things are: frozen nouns and their rules, without I/O."""
