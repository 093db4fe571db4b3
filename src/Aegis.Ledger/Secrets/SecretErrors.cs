using Aegis.Core;
using Aegis.Core.Errors;

namespace Aegis.Ledger.Secrets;

/// <summary>What can be wrong with secrets. No error names a value.</summary>
internal static class SecretErrors
{
    public static AegisException WrongMasterKey(string source) => Of("AEGIS4040",
        "the master key is not the one that this ledger's secrets are sealed with",
        "the key of the first start", source,
        "Give the server the secrets.key of the home that made this ledger, by AEGIS_MASTER_KEY_FILE, or the "
        + "passphrase it was set up with; without it the stored secrets cannot be read by anybody.");

    public static AegisException BadMasterKey(string source, string expected, string got) => Of("AEGIS4041",
        $"the master key cannot be read from {source}", expected, got, "Correct the file or the variable.");

    public static AegisException BadName(string name) => Of("AEGIS4042", "the secret's name is malformed",
        $"1 to {IdRule.LengthMax} characters of A-Z a-z 0-9 . _ -, the first a letter or a digit",
        name.Length <= IdRule.LengthMax ? name : name[..IdRule.LengthMax], "Choose another name.");

    public static AegisException BadValue(string got) =>
        Of("AEGIS4043", "the secret's value is out of bounds",
        $"1 to {SecretVault.ValueBytesMax} bytes of well-formed text", got,
        "Keep larger things in a repository or a blob, and their key here.");

    public static AegisException TooMany() => Of("AEGIS4044", "the project has too many secrets",
        $"at most {SecretVault.SecretsMax}", null, "Delete those that nothing uses any more.");

    public static AegisException NoArgon2(string got) => Of("AEGIS4045",
        "the passphrase cannot be made into a key", "libargon2 (package libargon2-1)", got,
        "Install the package, or use AEGIS_MASTER_KEY_FILE.");

    public static AegisException Tampered(string name) => Of("AEGIS4046",
        $"the sealed secret {name} does not open", "what this server sealed for this project and name", null,
        "Set it again: somebody changed or moved its row.");

    public static AegisException DiffersInCase(string name) => Of("AEGIS4047",
        "there is a secret whose name differs in case only", "a name of its own", name,
        "Use the existing name, or delete it first.");

    private static AegisException Of(string code, string message, string expected, string? got,
        string mend) =>
        new(new AegisError(code, message, expected, got, mend));
}
