namespace Aegis.Core.Tests.Plans.Drawing;

/// <summary>Reads a picture the way a person does: from the lower edge of a box along the lines, downwards
/// and to the sides, to the arrows and the boxes below them.</summary>
internal sealed class PictureReader
{
    private const string Sideways = "─╯╮┤╰╭├┴┬┼";
    private const string Downwards = "│╮┤╭├┬┼";
    private readonly string[] rows;
    private readonly Dictionary<(int Row, int Column), string> tops = [];

    public PictureReader(IEnumerable<string> lines)
    {
        rows = [.. lines];
        for (var row = 0; row < rows.Length; row++)
        {
            for (var column = 0; column < rows[row].Length; column++)
            {
                if (At(row, column) == '┌')
                {
                    var right = rows[row].IndexOf('┐', column);
                    var title = rows[row + 1][(column + 2)..(right - 1)].Trim();
                    for (var c = column; c <= right; c++)
                    {
                        tops[(row, c)] = title;
                    }
                }
            }
        }
    }

    public IEnumerable<(string From, string To)> Edges()
    {
        foreach (var box in tops.GroupBy(t => (t.Key.Row, t.Value)))
        {
            var columns = box.Select(b => b.Key.Column).ToList();
            var bottom = Enumerable.Range(box.Key.Row + 1, rows.Length)
                .First(r => At(r, columns.Min()) == '└');
            foreach (var exit in columns.Where(c => At(bottom, c) == '┬'))
            {
                foreach (var to in Follow(bottom + 1, exit))
                {
                    yield return (box.Key.Value, to);
                }
            }
        }
    }

    private List<string> Follow(int row, int column)
    {
        var found = new List<string>();
        var seen = new HashSet<(int, int)>();
        var open = new Stack<(int Row, int Column)>([(row, column)]);
        while (open.TryPop(out var at))
        {
            if (!seen.Add(at))
            {
                continue;
            }
            var letter = At(at.Row, at.Column);
            if (letter == '▼')
            {
                found.Add(tops[(at.Row + 1, at.Column)]);
                continue;
            }
            if (Downwards.Contains(letter))
            {
                open.Push((at.Row + 1, at.Column));
            }
            // a line across passes behind one that runs down
            foreach (var step in letter is '│' ? [] : (int[])[-1, 1])
            {
                if (Leaves(letter, step) && Beyond(at.Row, at.Column, step) is { } next)
                {
                    open.Push((at.Row, next));
                }
            }
        }
        return found;
    }

    private static bool Leaves(char letter, int step) => letter is '─' or '┴' or '┬' or '┼'
        || (step < 0 ? letter is '╯' or '╮' or '┤' : letter is '╰' or '╭' or '├');

    private int? Beyond(int row, int column, int step)
    {
        var next = column + step;
        while (At(row, next) == '│')
        {
            next += step;
        }
        return Sideways.Contains(At(row, next)) ? next : null;
    }

    private char At(int row, int column) =>
        row < rows.Length && column >= 0 && column < rows[row].Length ? rows[row][column] : ' ';
}
