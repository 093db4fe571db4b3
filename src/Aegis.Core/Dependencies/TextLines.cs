namespace Aegis.Core.Dependencies;

/// <summary>Lines of a text with the place at which each begins.</summary>
internal static class TextLines
{
    public static IEnumerable<(string Line, int Offset)> Of(string text)
    {
        var at = 0;
        while (at <= text.Length)
        {
            var end = text.IndexOf('\n', at);
            end = end < 0 ? text.Length : end;
            yield return (text[at..end].TrimEnd('\r'), at);
            at = end + 1;
        }
    }
}
