using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;

namespace Aegis.Core.Runs;

/// <summary>What the gate asks a human about a call.</summary>
/// <param name="Rule">Every rule that asks, by name.</param>
/// <param name="CallDigest">Of <see cref="DigestOf"/>.</param>
/// <param name="Policy">The version of the policy by which they ask.</param>
public sealed record GateQuestion(string Rule, string CallDigest, string? Policy = null)
{
    /// <summary>Stands for a call by everything that it is made of: SHA-256 over tool, input and environment,
    /// in hex.</summary>
    public static string DigestOf(
        string tool, JsonElement input, ImmutableSortedDictionary<string, string> env)
    {
        // a JSON array has one reading only: no two calls can run into each other
        var call = JsonSerializer.SerializeToUtf8Bytes(new object[] { tool, input, env });
        return Convert.ToHexStringLower(SHA256.HashData(call));
    }
}
