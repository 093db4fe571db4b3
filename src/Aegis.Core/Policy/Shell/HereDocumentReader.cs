namespace Aegis.Core.Policy.Shell;

/// <summary>A here-document whose text begins behind the line break.</summary>
/// <param name="Quoted">Nothing in its text is expanded.</param>
/// <param name="StripsTabs">Written with <c>&lt;&lt;-</c>.</param>
internal sealed record PendingHereDocument(string Delimiter, bool Quoted, bool StripsTabs, int At);

/// <summary>Reads the texts of here-documents; substitutions in them are commands too.</summary>
internal static class HereDocumentReader
{
    public static void ReadPending(ShellCursor cursor)
    {
        while (cursor.HereDocuments.Count > 0 && !cursor.Failed)
        {
            var document = cursor.HereDocuments[0];
            cursor.HereDocuments.RemoveAt(0);
            ReadOne(cursor, document);
        }
    }

    private static void ReadOne(ShellCursor cursor, PendingHereDocument document)
    {
        var start = cursor.At;
        while (!cursor.AtEnd)
        {
            var line = cursor.At;
            var end = cursor.Text.IndexOf('\n', line);
            end = end < 0 ? cursor.Text.Length : end;
            var text = cursor.Text.AsSpan(line, end - line);
            if ((document.StripsTabs ? text.TrimStart('\t') : text).SequenceEqual(document.Delimiter))
            {
                ReadExpansions(cursor, document, start, line);
                cursor.At = Math.Min(end + 1, cursor.Text.Length);
                return;
            }
            // a joined line hides what begins with the delimiter on the next, except in a quoted document
            cursor.At = end < cursor.Text.Length ? end + 1 : end;
            while (!document.Quoted && end > line && EndsInBackslash(cursor.Text, line, end) && !cursor.AtEnd)
            {
                line = cursor.At;
                end = cursor.Text.IndexOf('\n', line);
                end = end < 0 ? cursor.Text.Length : end;
                cursor.At = end < cursor.Text.Length ? end + 1 : end;
            }
        }
        cursor.Fail("AEGIS1131", "a here-document is not closed", document.Delimiter, "the end",
            at: document.At);
    }

    private static bool EndsInBackslash(string text, int line, int end)
    {
        var count = 0;
        while (end - 1 - count >= line && text[end - 1 - count] == '\\')
        {
            count++;
        }
        return count % 2 == 1;
    }

    private static void ReadExpansions(ShellCursor cursor, PendingHereDocument document, int start, int end)
    {
        if (document.Quoted)
        {
            return;
        }
        var inner = new ShellCursor(cursor.Text[start..end], cursor.Findings, cursor.Place(start));
        new ShellParser(inner).Expansions.ReadText();
    }
}
