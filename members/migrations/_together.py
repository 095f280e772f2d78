"""Operations that are done on one drawing of the models, instead of one after each of them."""

from django.db.migrations.operations.base import Operation


class Together(Operation):
    """Several operations, in order, of which none changes what another one added.

    Django draws again, after each operation, every model that touches the one it changed: here
    nearly all, a fifth of a second each time. These see the models as they are before all of them,
    and after all.
    """

    def __init__(self, operations):
        self.operations = operations

    def deconstruct(self):
        return type(self).__name__, [self.operations], {}

    def state_forwards(self, app_label, state):
        # Drawn anew when it is next asked for.
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        """Undone one by one, from the state after each to the state before, as Django would."""
        states = [to_state]
        for operation in self.operations:
            after = states[-1].clone()
            operation.state_forwards(app_label, after)
            states.append(after)
        for operation in reversed(self.operations):
            after = states.pop()
            operation.database_backwards(app_label, schema_editor, after, states[-1])

    def describe(self):
        return f"{len(self.operations)} operations together"
