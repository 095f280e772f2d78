def due_reports(on=None):
    return None
