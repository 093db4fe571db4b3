namespace Aegis.Core;

/// <summary>A tenant and a project: what every row, call and log line carries. Text ids, 1 to 64 characters
/// of
/// <c>[A-Za-z0-9][A-Za-z0-9._-]*</c>.</summary>
public readonly record struct Tenancy(string Tenant, string Project)
{
    public override string ToString() => $"{Tenant}/{Project}";
}

/// <summary>A run's text id, <c>run_</c> and 26 sortable characters.</summary>
public readonly record struct RunId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>A plan's text id, <c>plan_</c> and 26 sortable characters.</summary>
public readonly record struct PlanId(string Value)
{
    public override string ToString() => Value;
}

/// <summary>Says whether a caller-made id (tenant, project, step, tool) is well formed.</summary>
public static class IdRule
{
    public const int LengthMax = 64;

    /// <summary>For whoever wrote another.</summary>
    public const string Form = "1 to 64 of A-Z a-z 0-9 . _ -, a letter or digit first";

    public static bool IsValid(ReadOnlySpan<char> id)
    {
        if (id.Length is 0 or > LengthMax || !char.IsAsciiLetterOrDigit(id[0]))
        {
            return false;
        }
        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-'))
            {
                return false;
            }
        }
        return true;
    }
}

/// <summary>Makes prefixed ids that sort by time: 48 bits of milliseconds and 80 random bits, Crockford base
/// 32. Time and chance are handed in, so the core stays pure.</summary>
public static class SortableId
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    public static string Make(string prefix, DateTimeOffset at, ReadOnlySpan<byte> random10)
    {
        Span<byte> raw = stackalloc byte[16];
        var ms = at.ToUnixTimeMilliseconds();
        for (var i = 0; i < 6; i++)
        {
            raw[i] = (byte)(ms >> (8 * (5 - i)));
        }
        random10[..10].CopyTo(raw[6..]);
        var bits = new System.Numerics.BigInteger(raw, isUnsigned: true, isBigEndian: true);
        Span<char> text = stackalloc char[26];
        for (var i = 25; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(bits & 31)];
            bits >>= 5;
        }
        return string.Concat(prefix, text);
    }
}
