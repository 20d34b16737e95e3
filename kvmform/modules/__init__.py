"""Where modules come from: what a source address means, and how `init` brings what is not local."""
