using Aegis.Core.Deployments;
using Aegis.Core.Errors;

namespace Aegis.Engine.Deployments;

/// <summary>What goes wrong with deployments; meanings are in contracts/errors/deploy.yaml.</summary>
public static class DeploymentErrors
{
    public static AegisException TooMany() => Of("AEGIS2661",
        $"the project has {DeploymentLimits.PerProjectMax} deployments",
        $"at most {DeploymentLimits.PerProjectMax}", "delete what is not needed, or use another project");

    public static AegisException NoSecret(string name) => Of("AEGIS2662",
        $"there is no secret {name} in the project", "a secret that a variable of the deployment names",
        $"store it: aegis secret set {name}");

    public static AegisException NotHealthy(string service, string why, string? tail) => new(new AegisError(
        "AEGIS2663", $"the service {service} did not come up: {why}", "an answer of 200 to 399 in time",
        string.IsNullOrWhiteSpace(tail) ? null : $"at the end of its log: {tail}",
        "correct the program, its start words or its health path; the version before is served still"));

    public static AegisException Elsewhere(string name) => Of("AEGIS2664",
        $"the deployment {name} is another server's", "the server on which it was made",
        "ask that server, or use another name");

    public static AegisException OtherTarget(string name, string target) => Of("AEGIS2678",
        $"{name} is a deployment of the target {target}", "the tool that made it, in a run",
        target == "another" ? "use another name" : $"use deploy.{target}, or another name");

    public static AegisException NoPort() => Of("AEGIS2665", "no port is left for a deployment",
        $"one of {DeploymentLimits.PortsMax} from {DeploymentLimits.PortFirst} on",
        "stop a deployment");

    public static AegisException NoVersion(string name, string? release) => Of("AEGIS2666",
        release is null ? $"{name} has no version to go back to" : $"{name} has no version {release}",
        "a version that was served and is kept", "see aegis deployments show");

    public static AegisException TreeFailed(string got) => new(new AegisError("AEGIS2667",
        "the tree could not be sealed as a release", "an archive that unpacks", got,
        "see docs/deploy.md"));

    private static AegisException Of(string code, string message, string expected, string mend) =>
        new(new AegisError(code, message, expected, null, mend));
}
