def count(lines):
    return sum(1 for line in lines if line.strip())
