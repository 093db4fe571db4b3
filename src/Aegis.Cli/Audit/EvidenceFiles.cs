using System.Globalization;
using System.Text;
using System.Text.Json;
using Aegis.Client;

namespace Aegis.Cli.Audit;

/// <summary>Evidence as files for an auditor: JSON with everything, Markdown to read, CSV with an event a
/// line.</summary>
internal static class EvidenceFiles
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static async Task WriteAsync(string folder, AuditEvidence found, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in new[]
        {
            ("evidence.json", Json(found)), ("evidence.md", Encoding.UTF8.GetBytes(Markdown(found))),
            ("evidence.csv", Encoding.UTF8.GetBytes(Csv(found))),
        })
        {
            await Commands.Files.WriteAsync(Path.Combine(folder, name),
                file => file.WriteAsync(bytes, cancel).AsTask());
        }
    }

    private static byte[] Json(AuditEvidence found)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Indented))
        {
            JsonSerializer.Serialize(writer, found, ClientJson.Default.AuditEvidence);
        }
        return bytes.ToArray();
    }

    internal static string Markdown(AuditEvidence found)
    {
        var text = new StringBuilder($"""
            # Evidence of {found.Tenant}/{found.Project}

            From {Time(found.From)} to {Time(found.To)}. Catalogue `{found.CatalogueHash}`.

            The project's hash chains {(found.Verdict.Ok ? "verify" : "**do not verify**")}:
            {found.Verdict.Events} events in {found.Verdict.Streams} streams.


            """.ReplaceLineEndings("\n"));
        foreach (var finding in found.Verdict.Findings)
        {
            text.Append($"- {Cell(finding)}\n");
        }
        foreach (var control in found.Controls)
        {
            Control(text, control);
        }
        text.Append("\n## Not in any ledger\n\n");
        foreach (var (id, why) in found.Unserved)
        {
            text.Append($"- {id}: {Cell(why)}\n");
        }
        return text.ToString();
    }

    private static void Control(StringBuilder text, ControlEvidence control)
    {
        text.Append($"\n## {control.Id} {Cell(control.Title)}\n\n");
        text.Append(control.Note is { } note ? $"**{note}**\n"
            : $"{control.Count} in all, from {Time(control.First)} to {Time(control.Last)}.\n");
        text.Append("\n| fact | count | first | last |\n|---|---|---|---|\n");
        foreach (var type in control.Events)
        {
            text.Append($"| `{type.Type}` | {type.Count} | {Time(type.First)} | {Time(type.Last)} |\n");
        }
        foreach (var rows in control.Records)
        {
            text.Append($"| {rows.Kind} (table `{rows.Table}`, in no chain) | {rows.Count} | ")
                .Append($"{Time(rows.First)} | {Time(rows.Last)} |\n");
        }
        text.Append($"\nLook further: {string.Join(", ", control.Doors.Select(d => $"`{d}`"))}. ")
            .Append($"What it cannot show: {Cell(control.Human)}\n");
        var sample = control.Events.SelectMany(e => e.Sample, (e, shown) => (e.Type, Shown: shown)).ToList();
        if (sample.Count > 0)
        {
            text.Append("\n| sample | stream | version | at | hash |\n|---|---|---|---|---|\n");
        }
        foreach (var (type, shown) in sample)
        {
            text.Append($"| `{type}`{(shown.Intact ? "" : " **changed**")} | `{Cell(shown.Stream)}` | ")
                .Append($"{shown.Version} | {Time(shown.At)} | `{shown.Hash}` |\n");
        }
    }

    internal static string Csv(AuditEvidence found)
    {
        var text = new StringBuilder("control,type,count,stream,version,at,hash,intact\n");
        foreach (var control in found.Controls)
        {
            foreach (var type in control.Events)
            {
                foreach (var e in type.Sample)
                {
                    Line(text, control.Id, type.Type, Number(type.Count), e.Stream, Number(e.Version),
                        Time(e.At), e.Hash, e.Intact ? "yes" : "no");
                }
                if (type.Sample.Count == 0)
                {
                    Line(text, control.Id, type.Type, "0", "", "", "", "", "");
                }
            }
            foreach (var rows in control.Records)
            {
                Line(text, control.Id, rows.Kind, Number(rows.Count), "", "", "", "", "");
            }
        }
        return text.ToString();
    }

    private static void Line(StringBuilder text, params string[] fields) =>
        text.AppendJoin(',', fields.Select(Field)).Append('\n');

    // a field that begins like a formula is shown, not computed
    private static string Field(string value)
    {
        var plain = value.Length > 0 && value[0] is '=' or '+' or '-' or '@' ? "'" + value : value;
        return plain.AsSpan().IndexOfAny(",\"\n\r") < 0 ? plain
            : $"\"{plain.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Cell(string text) => Terminal.Visible(text)
        .Replace("|", "\\|", StringComparison.Ordinal).Replace("`", "'", StringComparison.Ordinal);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset? at) =>
        at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "";
}
