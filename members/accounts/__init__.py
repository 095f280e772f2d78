"""Accounts: how one signs in, what proves it, what is written of it, and the pages of one's own."""
