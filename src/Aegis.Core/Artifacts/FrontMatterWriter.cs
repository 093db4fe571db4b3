using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Aegis.Core.Plans.Source;

namespace Aegis.Core.Artifacts;

/// <summary>Writes a record in its one form: fixed order, one line a member but for links, what is null left
/// out. A sealed file without its lines <c>hash_curr:</c> and <c>signature:</c> is what was hashed, so that
/// nobody needs a YAML parser to verify one.</summary>
public static partial class FrontMatterWriter
{
    public const string Fence = "---\n";
    public const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static string Write(ArtifactRecord record)
    {
        var text = new StringBuilder(Fence);
        Line(text, "artifact_id", record.ArtifactId);
        Line(text, "tenant_id", record.TenantId);
        Line(text, "project_id", record.ProjectId);
        Line(text, "task_id", record.TaskId);
        Line(text, "path", record.Path);
        Line(text, "media_type", record.MediaType);
        Line(text, "content_hash", record.ContentHash);
        Raw(text, "content_bytes", record.ContentBytes?.ToString(CultureInfo.InvariantCulture));
        Raw(text, "version", record.Version.ToString(CultureInfo.InvariantCulture));
        Line(text, "hash_prev", record.HashPrev);
        Line(text, "hash_curr", record.HashCurr);
        Line(text, "signer", record.Signer);
        Line(text, "key_id", record.KeyId);
        Line(text, "schema_version", record.SchemaVersion);
        Line(text, "status", record.Status);
        Raw(text, "created_at", Time(record.CreatedAt));
        Raw(text, "updated_at", Time(record.UpdatedAt));
        if (!record.Links.IsEmpty)
        {
            text.Append("links:\n");
            foreach (var link in record.Links)
            {
                text.Append("  - type: ").Append(Scalar(link.Type)).Append('\n');
                text.Append("    ref: ").Append(Scalar(link.Ref)).Append('\n');
            }
        }
        foreach (var extra in record.Extra)
        {
            Raw(text, extra.Name, extra.Json);
        }
        Raw(text, "signature", record.Signature is null ? null : CanonicalJson.Quoted(record.Signature));
        return text.Append(Fence).ToString();
    }

    public static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static void Line(StringBuilder text, string name, string? value) =>
        Raw(text, name, value is null ? null : Scalar(value));

    private static void Raw(StringBuilder text, string name, string? value)
    {
        if (value is not null)
        {
            text.Append(name).Append(": ").Append(value).Append('\n');
        }
    }

    /// <summary>Without quotes where YAML reads the same text then, and no person could doubt it.</summary>
    private static string Scalar(string value) =>
        PlainPattern().IsMatch(value)
        && CoreSchema.KindOf(new ScalarNode(1, 1, value, ScalarForm.Plain, IsPlain: true)) == ScalarKind.Text
            ? value
            : CanonicalJson.Quoted(value);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._/:@+-]*(?<!:)\z")]
    private static partial Regex PlainPattern();
}
