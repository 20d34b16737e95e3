"""Pure: diff, actions, disruption, order of steps, guards, plan file."""
