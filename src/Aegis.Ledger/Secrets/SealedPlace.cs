using Aegis.Core;

namespace Aegis.Ledger.Secrets;

/// <summary>What is authenticated with a sealed value: where it belongs.</summary>
internal static class SealedPlace
{
    public static string Secret(Tenancy tenancy, string name, int version) =>
        $"{tenancy.Tenant}\n{tenancy.Project}\n{name}\n{version}";

    // the space keeps it apart from every secret's place: no tenant's id holds one
    public static string ArtifactKey(Tenancy tenancy, string keyId) =>
        $"artifact key\n{tenancy.Tenant}\n{tenancy.Project}\n{keyId}";

    /// <param name="file">The stack and what it is of it: <c>network/state</c>.</param>
    public static string StackKey(Tenancy tenancy, string file, int version) =>
        $"stack key\n{tenancy.Tenant}\n{tenancy.Project}\n{file}\n{version}";
}
