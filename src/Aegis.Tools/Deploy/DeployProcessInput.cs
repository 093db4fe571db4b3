using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Aegis.Core;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Tools.Files;

namespace Aegis.Tools.Deploy;

/// <param name="Name">The deployment; a new version of it where there is one.</param>
/// <param name="Path">The built tree in the workspace.</param>
/// <param name="Start">The program and its arguments, where there is one service.</param>
/// <param name="PortEnv">The variable that tells the program its port.</param>
/// <param name="Health">A path that answers 200 to 399 when the program is well.</param>
/// <param name="Secrets">Names of secrets of the project, by variable.</param>
/// <param name="MemoryMb">MiB of each program's whole tree.</param>
/// <param name="Cpus">Processors' worth of time, such as 0.5.</param>
/// <param name="Keep">Versions that stay to go back to.</param>
/// <param name="StartSeconds">How long a program may take until it is well.</param>
/// <param name="SettleSeconds">How long the version before stays up beside the new one.</param>
/// <param name="Services">Several services behind one address, in place of start.</param>
public sealed record DeployProcessInput(
    [property: StringLength(IdRule.LengthMax, MinimumLength = 1)] string Name,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = "app",
    [property: Length(1, DeploymentLimits.WordsMax)] ImmutableArray<string>? Start = null,
    [property: StringLength(64, MinimumLength = 1)] string PortEnv = DeployProcessInput.PortVariable,
    [property: StringLength(256, MinimumLength = 1)] string Health = DeployProcessInput.HealthPath,
    ImmutableSortedDictionary<string, string>? Env = null,
    ImmutableSortedDictionary<string, string>? Secrets = null,
    [property: Range(32, DeploymentLimits.MemoryMbMax)] int MemoryMb = DeploymentLimits.MemoryMbDefault,
    [property: Range(0.05, 64.0)] double? Cpus = null,
    [property: Range(1, DeploymentLimits.KeptMax)] int Keep = DeploymentLimits.KeptDefault,
    [property: Range(1, DeploymentLimits.StartSecondsMax)]
    int StartSeconds = DeploymentLimits.StartSecondsDefault,
    [property: Range(0, DeploymentLimits.SettleSecondsMax)]
    int SettleSeconds = DeploymentLimits.SettleSecondsDefault,
    [property: Length(1, DeploymentLimits.ServicesMax)] ImmutableArray<DeployedRoute>? Services = null)
{
    public const string PortVariable = "PORT";
    public const string HealthPath = "/health";

    public ImmutableArray<DeployedRoute> All => Services ??
        [new DeployedRoute("app", "/", ".", Start, PortEnv, Health, Env, Secrets, MemoryMb, Cpus)];
}

/// <param name="Route">The beginning of the paths that it answers; <c>/</c> for all that no other
/// does.</param>
/// <param name="Folder">In the tree; where the program runs, or what is served.</param>
/// <param name="Start">The program and its arguments; files are served where it is left out.</param>
/// <param name="Strip">The route is taken off before the program sees a path.</param>
public sealed record DeployedRoute(
    [property: StringLength(IdRule.LengthMax, MinimumLength = 1)] string Name,
    [property: StringLength(256, MinimumLength = 1)] string Route = "/",
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Folder = ".",
    [property: Length(1, DeploymentLimits.WordsMax)] ImmutableArray<string>? Start = null,
    [property: StringLength(64, MinimumLength = 1)] string PortEnv = DeployProcessInput.PortVariable,
    [property: StringLength(256, MinimumLength = 1)] string Health = DeployProcessInput.HealthPath,
    ImmutableSortedDictionary<string, string>? Env = null,
    ImmutableSortedDictionary<string, string>? Secrets = null,
    [property: Range(32, DeploymentLimits.MemoryMbMax)] int MemoryMb = DeploymentLimits.MemoryMbDefault,
    [property: Range(0.05, 64.0)] double? Cpus = null,
    bool Strip = false)
{
    internal ServiceSpec Spec() => new(Name, Route, WorkPath.TryResolve(Folder, out var folder, out _)
            && WorkPath.Relative(folder) is var relative && relative != "." ? relative : "",
        Start ?? [], PortEnv, Health, Env ?? ImmutableSortedDictionary<string, string>.Empty,
        Secrets ?? ImmutableSortedDictionary<string, string>.Empty, MemoryMb, Cpus, Strip);
}

/// <summary>What is wrong with an input whose members are each within their bounds.</summary>
internal static class DeployProcessRules
{
    public static AegisError? Fault(DeployProcessInput input)
    {
        if (!IdRule.IsValid(input.Name))
        {
            return Wrong("name", "letters, digits, '.', '_', '-'", input.Name);
        }
        if (input.Start is not null == input.Services is not null)
        {
            return Wrong("services", "either start, or services", "both or none");
        }
        var services = input.All;
        return WorkPath.Wrong(input.Path, "path")
            ?? services.Select(Fault).FirstOrDefault(e => e is not null)
            ?? Twice(services.Select(s => s.Name), "name") ?? Twice(services.Select(s => s.Route), "route");
    }

    private static AegisError? Fault(DeployedRoute s)
    {
        if (!IdRule.IsValid(s.Name))
        {
            return Wrong("services.name", "letters, digits, '.', '_', '-'", s.Name);
        }
        if (!IsPath(s.Route) || (s.Route.Length > 1 && s.Route.EndsWith('/')))
        {
            return Wrong("services.route", "a path such as /api, without a slash at the end", s.Route);
        }
        if (!IsPath(s.Health))
        {
            return Wrong("health", "a path such as /health", s.Health);
        }
        if (s.Start?.Any(w => w is null || w.Contains('\0', StringComparison.Ordinal)) == true)
        {
            return Wrong("start", "words without NUL", "one with it, or null");
        }
        var names = (s.Env?.Keys ?? []).Concat(s.Secrets?.Keys ?? []).Append(s.PortEnv).ToList();
        if (names.Count > DeploymentLimits.VariablesMax)
        {
            return Wrong("env", $"at most {DeploymentLimits.VariablesMax} variables", $"{names.Count}");
        }
        foreach (var name in names)
        {
            if (name.Length == 0 || char.IsAsciiDigit(name[0])
                || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
            {
                return Wrong("env", "names of letters, digits and _", name);
            }
            if (EnvironmentNames.WhyDenied(name) is { } why)
            {
                return Wrong("env", $"a variable that may be set; of {name}: {why}", name);
            }
        }
        return WorkPath.Wrong(s.Folder, "folder")
            ?? Twice(names, "variable")
            ?? ((s.Secrets?.Values ?? []).FirstOrDefault(n => !IdRule.IsValid(n)) is { } odd
                ? Wrong("secrets", "names of secrets of the project", odd) : null);
    }

    private static AegisError? Twice(IEnumerable<string> values, string what) =>
        values.GroupBy(v => v).FirstOrDefault(g => g.Count() > 1) is { } twice
            ? Wrong("services", $"each {what} once", twice.Key) : null;

    private static bool IsPath(string path) => path.StartsWith('/')
        && path.All(c => c is > ' ' and < (char)127 and not ('?' or '#' or '%' or '\\'))
        && !path.Split('/').Any(s => s is "." or "..");

    private static AegisError Wrong(string member, string expected, string got) =>
        new("AEGIS2001", $"deploy.process: {member} is malformed", expected, got, "correct the input")
        {
            Place = new ErrorPlace(ErrorPlace.Step(member)),
        };
}
