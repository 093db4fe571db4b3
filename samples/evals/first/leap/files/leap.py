def leap(year):
    pass
