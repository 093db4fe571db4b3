using Aegis.Core;
using Aegis.Core.Errors;

namespace Aegis.Ledger.Secrets;

/// <summary>What can be wrong with secrets. No error names a value.</summary>
internal static class SecretErrors
{
    public static AegisException WrongMasterKey(string source) => Of("AEGIS4040",
        "the master key is not the one that this ledger's secrets are sealed with",
        "the key of the first start, or of the last rotation", source,
        "Give the server the secrets.key of the home that made this ledger, by AEGIS_MASTER_KEY_FILE, or the "
        + "passphrase it was set up with; without it the stored secrets cannot be read by anybody. To change "
        + "the key, name the old one too, by AEGIS_PREVIOUS_MASTER_KEY_FILE or "
        + "AEGIS_PREVIOUS_MASTER_PASSPHRASE_FILE.");

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

    public static AegisException MasterKeyChanged() => Of("AEGIS4200",
        "the master key was changed by another server", "the key of the last rotation",
        "the one before", "Restart this server with the new key.");

    public static AegisException KeyTampered(string tenant, int version) => Of("AEGIS4201",
        $"data key {version} of tenant {tenant} does not open", "what the old master key wrapped", null,
        "Nothing was changed. Restore the row from a backup, or delete what is sealed with it.");

    public static AegisException KeyNotHere(string source) => Of("AEGIS4202",
        "this server's master key is not its own to change", "secrets.key in the home", source,
        "Start the server once with the new file or passphrase and with the old one named by "
        + "AEGIS_PREVIOUS_MASTER_KEY_FILE or AEGIS_PREVIOUS_MASTER_PASSPHRASE_FILE.");

    public static AegisException BadHost(string got) => Of("AEGIS4203",
        "a host that a secret is bound to is malformed",
        "host, *.host or an IPv4 address, each with or without :port", got.Length <= 80 ? got : got[..80],
        "Write hosts as in egress_allow.");

    public static AegisException TooManyHosts(int got) => Of("AEGIS4204",
        "the secret is bound to too many hosts", $"at most {SecretVault.HostsMax}", $"{got}",
        "Use *.host for several hosts of one domain, or several secrets.");

    public static AegisException BadOverlap(TimeSpan got) => Of("AEGIS4205",
        "the overlap is out of bounds", $"0 to {SecretVault.OverlapMax.TotalDays:0} days", $"{got}",
        "Choose a shorter time.");

    public static AegisException NotBoundTo(string name, string host) => Of("AEGIS4206",
        $"the secret {name} is not bound to this host", "a host that `aegis secret bind` gave it", host,
        "Bind it to the host, or send the request where it belongs.");

    private static AegisException Of(string code, string message, string expected, string? got,
        string mend) =>
        new(new AegisError(code, message, expected, got, mend));
}
