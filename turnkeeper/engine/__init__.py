"""What must not be lost: durable tasks on Procrastinate. Knows no message and no agent."""
