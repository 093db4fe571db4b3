def grade(points):
    pass
