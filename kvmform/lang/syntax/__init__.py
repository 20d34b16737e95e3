"""How the text is read: characters to tokens, tokens to the tree. The door is :mod:`kvmform.lang.parse`."""
