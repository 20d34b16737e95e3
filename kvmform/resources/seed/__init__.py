"""What resource types share whose objects are seeds: a small volume that a guest reads when it first boots."""
