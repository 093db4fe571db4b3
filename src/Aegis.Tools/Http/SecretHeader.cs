using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Gate.Http;

namespace Aegis.Tools.Http;

/// <summary>A header whose value is a secret of the project, behind a prefix such as "Bearer ".</summary>
/// <param name="Secret">Its name; the value is never in the workflow.</param>
public sealed record SecretHeader(
    [property: StringLength(IdRule.LengthMax, MinimumLength = 1)] string Secret,
    [property: StringLength(64)] string Prefix = "");

/// <summary>Puts secrets into headers, at the last moment before a request is sent.</summary>
internal static class SecretHeaders
{
    /// <summary>What is wrong with the names; values are not known yet.</summary>
    public static AegisError? Check(ImmutableSortedDictionary<string, string>? plain,
        ImmutableSortedDictionary<string, SecretHeader>? secret)
    {
        var fields = (secret ?? ImmutableSortedDictionary<string, SecretHeader>.Empty)
            .Select(header => new HttpField(header.Key, header.Value.Prefix + "x")).ToImmutableArray();
        var twice = plain?.Keys.FirstOrDefault(name =>
            fields.Any(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)));
        return twice is not null
            ? new AegisError("AEGIS4208", $"{twice} stands in headers and in secret_headers",
                "a header once", null, "leave it out of headers")
            : RequestHeaders.Check(fields);
    }

    /// <summary>The headers with their values, or what is wrong with one.</summary>
    public static async ValueTask<(ImmutableArray<HttpField> Fields, AegisError? Error)> OpenAsync(
        ImmutableSortedDictionary<string, SecretHeader>? headers, Uri url, Execution execution,
        CancellationToken cancel)
    {
        var fields = ImmutableArray.CreateBuilder<HttpField>();
        foreach (var (name, header) in headers ?? ImmutableSortedDictionary<string, SecretHeader>.Empty)
        {
            if (await execution.SecretAsync(header.Secret, url, cancel) is not { } value)
            {
                return ([], NoSecret(header.Secret));
            }
            fields.Add(new HttpField(name, header.Prefix + value.Trim()));
        }
        // the message of the check names headers, never values
        return (fields.ToImmutable(), RequestHeaders.Check(fields.ToImmutable()));
    }

    private static AegisError NoSecret(string name) => new("AEGIS4207", $"there is no secret {name}",
        "a secret of this project", null, $"store it: aegis secret set {name}")
    {
        Place = new ErrorPlace("/secret_headers"),
    };
}
