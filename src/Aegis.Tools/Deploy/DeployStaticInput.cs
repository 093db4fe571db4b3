using System.ComponentModel.DataAnnotations;
using Aegis.Core;
using Aegis.Core.Deployments;
using Aegis.Core.Deployments.Sites;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Gate.Buckets;
using Aegis.Tools.Files;

namespace Aegis.Tools.Deploy;

/// <param name="Name">The deployment; a new release of it where there is one.</param>
/// <param name="Endpoint">The store's address, such as https://s3.eu-central-1.amazonaws.com.</param>
/// <param name="Bucket">That is there already.</param>
/// <param name="Credentials">Names of secrets of the project.</param>
/// <param name="Action">deploy, plan (says what deploy would do) or rollback.</param>
/// <param name="Path">The built site in the workspace.</param>
/// <param name="Region">What requests are signed for.</param>
/// <param name="Addressing">path: the bucket stands in the path; virtual: in the host's name.</param>
/// <param name="Prefix">Before every key.</param>
/// <param name="Url">Where people read the site, for the answer.</param>
/// <param name="Prune">Removes files of earlier releases that this one does not have.</param>
/// <param name="Keep">Releases that stay to go back to.</param>
/// <param name="Release">For rollback; the one before where it is left out.</param>
public sealed record DeployStaticInput(
    [property: StringLength(IdRule.LengthMax, MinimumLength = 1)] string Name,
    [property: StringLength(EgressTarget.UrlLengthMax, MinimumLength = 1)] string Endpoint,
    [property: RegularExpression("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
        ErrorMessage = "a bucket's name has 3 to 63 of a-z, 0-9, '.' and '-'")] string Bucket,
    BucketCredentials Credentials,
    [property: RegularExpression("deploy|plan|rollback",
        ErrorMessage = "action is deploy, plan or rollback")] string Action = DeployStaticInput.Deploy,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = "dist",
    [property: RegularExpression("[A-Za-z0-9-]{1,64}", ErrorMessage = "a region such as eu-central-1")]
    string Region = "us-east-1",
    [property: RegularExpression("path|virtual", ErrorMessage = "addressing is path or virtual")]
    string Addressing = DeployStaticInput.InPath,
    [property: StringLength(SiteLimits.PrefixCharsMax)] string Prefix = "",
    [property: StringLength(EgressTarget.UrlLengthMax)] string? Url = null,
    bool Prune = false,
    [property: Range(1, DeploymentLimits.KeptMax)] int Keep = DeploymentLimits.KeptDefault,
    [property: RegularExpression("rel_[0-9a-f]{24}", ErrorMessage = "a release is rel_ and 24 hex digits")]
    string? Release = null)
{
    public const string Deploy = "deploy";
    public const string Plan = "plan";
    public const string RollBack = "rollback";
    public const string InPath = "path";

    internal AegisError? Fault() =>
        !IdRule.IsValid(Name) ? Wrong("name", "letters, digits, '.', '_', '-'", Name)
        : EgressTarget.ReadUrl(Endpoint) is var (url, unread) && url is null
            ? unread! with { Place = new ErrorPlace(ErrorPlace.Step("endpoint")) }
        : url.PathAndQuery != "/" ? Wrong("endpoint", "an address without a path", url.PathAndQuery)
        : Url is not null && EgressTarget.ReadUrl(Url).Error is { } odd
            ? odd with { Place = new ErrorPlace(ErrorPlace.Step("url")) }
        : SiteNames.PrefixOf(Prefix) is null
            ? Wrong("prefix", "segments of letters, digits, '-', '_', '.', '~', none of them .aegis", Prefix)
        : Release is not null && Action != RollBack
            ? Wrong("release", "the action rollback beside it", Action)
        : Credentials.Fault() is { } named ? Wrong("credentials", "names of secrets of the project", named)
        : WorkPath.Wrong(Path, "path");

    internal BucketPlace Place() =>
        new(new Uri(Endpoint), Region, Bucket, Addressing == InPath);

    internal SiteNames Names() => new(SiteNames.PrefixOf(Prefix)!, Name);

    private static AegisError Wrong(string member, string expected, string got) =>
        new("AEGIS2001", $"deploy.static: {member} is malformed", expected, got, "correct the input")
        {
            Place = new ErrorPlace(ErrorPlace.Step(member)),
        };
}

/// <param name="AccessKey">The name of the secret that holds the key's id.</param>
/// <param name="SecretKey">The name of the secret that holds the key.</param>
/// <param name="SessionToken">For keys that are lent for a while.</param>
public sealed record BucketCredentials(string AccessKey, string SecretKey, string? SessionToken = null)
{
    internal string? Fault() => new[] { AccessKey, SecretKey, SessionToken ?? AccessKey }
        .FirstOrDefault(name => !IdRule.IsValid(name));

    internal BucketSecrets Names() => new(AccessKey, SecretKey, SessionToken);
}
