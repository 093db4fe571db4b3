namespace Aegis.Core.Findings.Dependencies;

internal static class Distance
{
    /// <summary>One letter more, less or other, or two neighbours swapped.</summary>
    public static bool IsOne(string a, string b)
    {
        if (a == b || Math.Abs(a.Length - b.Length) > 1)
        {
            return false;
        }
        var start = a.AsSpan().CommonPrefixLength(b);
        var x = a.AsSpan(start);
        var y = b.AsSpan(start);
        return x.Length > y.Length ? x[1..].SequenceEqual(y)
            : x.Length < y.Length ? y[1..].SequenceEqual(x)
            : x[1..].SequenceEqual(y[1..])
                || (x.Length > 1 && x[0] == y[1] && x[1] == y[0] && x[2..].SequenceEqual(y[2..]));
    }
}
