using System.Text;

namespace Aegis.Tools.Files.Patching;

/// <summary>A file as lines: carriage returns stay in their lines, the last line feed is a fact
/// apart.</summary>
internal sealed class FileText
{
    private FileText(List<string> lines, bool endsInLineFeed)
    {
        Lines = lines;
        EndsInLineFeed = endsInLineFeed;
    }

    public List<string> Lines { get; }

    public bool EndsInLineFeed { get; set; }

    public bool UsesCarriageReturns =>
        Lines.Count > 0 && Lines.Count(l => l.EndsWith('\r')) * 2 > Lines.Count;

    public static FileText Of(string content) => content.Length == 0
        ? new FileText([], endsInLineFeed: true)
        : new FileText([.. PatchText.Lines(content)], content.EndsWith('\n'));

    public override string ToString()
    {
        var text = new StringBuilder().AppendJoin('\n', Lines);
        if (Lines.Count > 0 && EndsInLineFeed)
        {
            text.Append('\n');
        }
        return text.ToString();
    }
}
