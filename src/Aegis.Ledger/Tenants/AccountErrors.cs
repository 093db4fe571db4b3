using Aegis.Core;
using Aegis.Core.Errors;

namespace Aegis.Ledger.Tenants;

internal static class AccountErrors
{
    private const int ShownMax = 100;

    public static AegisException BadId(string what, string id) => Of("AEGIS4020",
        $"the {what}'s id is malformed",
        $"1 to {IdRule.LengthMax} characters of A-Z a-z 0-9 . _ -, the first a letter or a digit",
        id.Length <= ShownMax ? id : id[..ShownMax], "Choose another id.");

    public static AegisException Taken(string what, string id) => Of("AEGIS4021",
        $"the {what} exists already",
        "a new id", id, "Use it, or choose another id.");

    public static AegisException Unknown(string what, string id) => Of("AEGIS4022",
        $"there is no such {what}",
        "an existing id", id, "Create it first.");

    public static AegisException KeyTooLarge() => Of("AEGIS4023",
        "the key's name or scopes are out of bounds",
        $"a name of 1 to {TenantDirectory.KeyNameLengthMax} characters, "
            + $"at most {TenantDirectory.ScopesMax} scopes",
        null, "Shorten them.");

    public static AegisException ProfileTooLarge(long bytes) => Of("AEGIS4024", "the profile is too large",
        $"at most {ProfileStore.BytesMax} bytes with its files", $"{bytes} bytes",
            "Name fewer or smaller files.");

    private static AegisException Of(string code, string message, string expected, string? got,
        string mend) =>
        new(new AegisError(code, message, expected, got, mend));
}
