using System.Security.Cryptography;
using System.Text;

namespace Aegis.Core.Policy;

/// <summary>The word that stands for a secret in a run: the same in all its steps, so that what one of them
/// writes into a file serves the next, and another one in every other run. It is rare, and no secret
/// itself.</summary>
public static class SecretPlaceholder
{
    private const int Digits = 32;

    public static string Of(string run, string name) => "aegis-secret-"
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{run}/{name}")))[..Digits];
}
