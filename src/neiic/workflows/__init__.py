"""Thin durable shells round the law: timers, messages, continue-as-new."""
