"""Rollouts: a plan, a state, and one pure decision, run by a state machine or by a command."""
