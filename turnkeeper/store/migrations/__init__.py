"""The database's shape, step by step and forward only: `versions/NNNN_name.sql`, applied in the order of their names.

To add a step, add a file with the next number; it runs in one transaction. A file that was released is never changed.
"""
