"""What a member's representative sees: their organization's profile, colleagues and people."""
