namespace Aegis.Gate.Redaction;

/// <summary>Tells a secret that can be masked from a value so ordinary that masking it would blank innocent
/// output ("main", "production", "1234").</summary>
public static class SecretStrength
{
    public const int LengthMin = 6;

    /// <summary>From this length on, one character class is enough.</summary>
    public const int OneClassLengthMin = 16;

    public const int DistinctMin = 4;

    /// <summary>At least 6 characters, 4 of them different, and either 16 characters or two classes among
    /// lower case, upper case, digits and others (one leading capital is no class of its own).</summary>
    public static bool IsMaskable(string value)
    {
        if (value.Length < LengthMin || value.Distinct().Take(DistinctMin).Count() < DistinctMin)
        {
            return false;
        }
        return value.Length >= OneClassLengthMin || Classes(value) >= 2;
    }

    private static int Classes(string value)
    {
        bool lower = false, upper = false, digit = false, other = false;
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            lower |= char.IsLower(c);
            upper |= char.IsUpper(c) && i > 0;
            digit |= char.IsDigit(c);
            other |= !char.IsLetterOrDigit(c);
        }
        return (lower ? 1 : 0) + (upper ? 1 : 0) + (digit ? 1 : 0) + (other ? 1 : 0);
    }
}
