namespace Aegis.Agents.Contracts;

/// <summary>How long texts and lists of what agents hand back may be.</summary>
public static class ContractText
{
    /// <summary>A name or one line.</summary>
    public const int LineMax = 400;

    /// <summary>A paragraph.</summary>
    public const int TextMax = 4_000;

    /// <summary>A document, or a piece of code.</summary>
    public const int LongMax = 32_000;

    public const int ListMax = 200;

    public const string Id = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
}
