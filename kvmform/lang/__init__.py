"""HCL text to a tree with source ranges, and the tree to values. Knows no resource."""
