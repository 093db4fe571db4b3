using System.Text;

namespace Aegis.Core.Plans.Drawing;

public enum TextStyle : byte
{
    Plain,
    Line,
    Title,
    Detail,
}

/// <summary>A line of a picture, in runs of one style each.</summary>
public sealed record PictureLine(IReadOnlyList<(string Text, TextStyle Style)> Runs)
{
    public override string ToString() => string.Concat(Runs.Select(r => r.Text));
}

/// <summary>A grid of letters and of lines. Lines of one net that meet are joined; where two nets cross, the
/// one that runs across passes behind the one that runs down.</summary>
internal sealed class TextCanvas(int width)
{
    private const byte Up = 1;
    private const byte Down = 2;
    private const byte Left = 4;
    private const byte Right = 8;

    // by the directions in which a line leaves the cell
    private const string Unicode = " │││─╯╮┤─╰╭├─┴┬┼";
    private const string Ascii = " |||-+++-+++-+++";

    private readonly List<Cell[]> rows = [];

    public int Height => rows.Count;

    public void Grow(int height)
    {
        while (rows.Count < height)
        {
            rows.Add(new Cell[width]);
        }
    }

    public void Write(int row, int column, string text, TextStyle style)
    {
        foreach (var letter in text)
        {
            rows[row][column++] = new Cell { Letter = letter, Style = style };
        }
    }

    /// <summary>From the middle of one cell to that of another.</summary>
    public void DrawDown(int column, int from, int to, int net)
    {
        for (var row = from; row <= to; row++)
        {
            ref var cell = ref rows[row][column];
            cell.Downward |= (byte)((row > from ? Up : 0) | (row < to ? Down : 0));
            cell.DownNet = net;
        }
    }

    /// <summary>A line that leaves a cell upwards, or downwards, into what is drawn there.</summary>
    public void Stub(int column, int row, int net, bool down = false)
    {
        ref var cell = ref rows[row][column];
        cell.Downward |= down ? Down : Up;
        cell.DownNet = net;
    }

    public void DrawAcross(int row, int from, int to, int net)
    {
        for (var column = from; column <= to; column++)
        {
            ref var cell = ref rows[row][column];
            cell.Across |= (byte)((column > from ? Left : 0) | (column < to ? Right : 0));
            cell.AcrossNet = net;
        }
    }

    public IEnumerable<PictureLine> Lines(bool ascii)
    {
        foreach (var row in rows)
        {
            var runs = new List<(string, TextStyle)>();
            var run = new StringBuilder();
            var style = TextStyle.Plain;
            var last = Array.FindLastIndex(row, c => !c.IsBlank);
            for (var column = 0; column <= last; column++)
            {
                var cell = row[column];
                if (cell.Shown != style && !cell.IsBlank)
                {
                    Add(runs, run, style);
                    style = cell.Shown;
                }
                run.Append(cell.In(ascii));
            }
            Add(runs, run, style);
            yield return new PictureLine(runs);
        }
    }

    private static void Add(List<(string, TextStyle)> runs, StringBuilder run, TextStyle style)
    {
        if (run.Length > 0)
        {
            runs.Add((run.ToString(), style));
            run.Clear();
        }
    }

    private struct Cell
    {
        public char Letter;
        public TextStyle Style;
        public byte Downward;
        public byte Across;
        public int DownNet;
        public int AcrossNet;

        public readonly bool IsBlank => Letter is '\0' or ' ' && Downward == 0 && Across == 0;

        public readonly TextStyle Shown => Letter == '\0' ? TextStyle.Line : Style;

        public readonly char In(bool ascii)
        {
            if (Letter != '\0')
            {
                return ascii ? AsciiOf(Letter) : Letter;
            }
            var crosses = Downward != 0 && Across != 0 && DownNet != AcrossNet;
            return (ascii ? Ascii : Unicode)[crosses ? Downward : Downward | Across];
        }

        private static char AsciiOf(char letter) => letter switch
        {
            '─' => '-',
            '│' => '|',
            '┌' or '┐' or '└' or '┘' or '┬' => '+',
            '▼' => 'v',
            '·' => '|',
            '×' => 'x',
            '…' => '~',
            _ => letter,
        };
    }
}
