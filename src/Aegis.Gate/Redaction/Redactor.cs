using System.Text;

namespace Aegis.Gate.Redaction;

/// <summary>Masks secrets in text and streams as <c>***</c>: the given ones in every usual encoding, and
/// well-known kinds of credentials by their shape. Immutable; shared by any number of streams. Time is linear
/// in the input, memory of a stream is bounded (<see cref="RedactingWriter.HeldBytesMax"/>).</summary>
public sealed class Redactor
{
    /// <summary>Recorded with every log; changes whenever the same input would be masked
    /// differently.</summary>
    public const int Version = 2;

    public const int SecretsMax = 512;

    public const int SecretBytesMax = 64 * 1024;

    private readonly PatternTree? _tree;

    private Redactor(PatternTree? tree, int skipped) => (_tree, SkippedSecrets) = (tree, skipped);

    /// <param name="secrets">At most 512 of at most 64 KiB. Those that <see cref="SecretStrength"/> calls too
    /// ordinary are not masked and counted in <see cref="SkippedSecrets"/>.</param>
    public Redactor(IEnumerable<string> secrets)
        : this(new PatternTree(), 0)
    {
        var distinct = secrets.Distinct(StringComparer.Ordinal).ToArray();
        if (distinct.Length > SecretsMax)
        {
            throw new ArgumentException($"{distinct.Length} secrets, at most {SecretsMax}", nameof(secrets));
        }
        foreach (var secret in distinct)
        {
            SkippedSecrets += Add(secret) ? 0 : 1;
        }
        for (var i = 0; i < TokenShape.All.Length; i++)
        {
            _tree!.Add(Encoding.ASCII.GetBytes(TokenShape.All[i].Anchor), i + 1);
        }
        _tree!.Add("-----END "u8, TokenShape.KeyEndAnchor);
        _tree.Build();
    }

    /// <summary>Passes everything through as it is.</summary>
    public static Redactor None { get; } = new(null, 0);

    public static ReadOnlySpan<byte> Mask => "***"u8;

    /// <summary>How many of the given secrets are too short or too ordinary to be masked.</summary>
    public int SkippedSecrets { get; private set; }

    internal PatternTree? Tree => _tree;

    /// <summary>The same text where nothing had to be masked.</summary>
    public string Redact(string text)
    {
        if (_tree is null || text.Length == 0)
        {
            return text;
        }
        var output = new MemoryStream(text.Length);
        var writer = new RedactingWriter(this, output.Write);
        writer.Write(Encoding.UTF8.GetBytes(text));
        writer.Flush();
        return writer.Masks == 0 ? text : Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)output.Length);
    }

    private bool Add(string secret)
    {
        if (Encoding.UTF8.GetByteCount(secret) > SecretBytesMax)
        {
            throw new ArgumentException($"a secret is longer than {SecretBytesMax} bytes", nameof(secret));
        }
        if (!SecretStrength.IsMaskable(secret))
        {
            return false;
        }
        foreach (var form in SecretForms.Of(secret))
        {
            _tree!.Add(form);
        }
        return true;
    }
}
