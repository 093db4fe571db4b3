using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using Aegis.Core;
using Aegis.Core.Deployments.Stacks;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Tools.Files;

namespace Aegis.Tools.Deploy.Stacks;

/// <param name="Name">The stack; it has one state in the project.</param>
/// <param name="Action">init, plan, apply, output, history or restore.</param>
/// <param name="Path">The project in the workspace.</param>
/// <param name="Program">Which program, where there are several.</param>
/// <param name="Plan">For apply: outputs.plan of the plan.</param>
/// <param name="Changes">For apply: outputs.changes of the plan, which whoever approves it is shown.</param>
/// <param name="Destroy">For plan: everything is to go.</param>
/// <param name="Vars">Variables of the project.</param>
/// <param name="Secrets">Variables of the environment that hold a secret of the project: the client's
/// keys.</param>
/// <param name="SecretVars">Variables of the project that hold a secret of the project.</param>
/// <param name="Placeholders">Variables of the environment that stand for a bound secret: the value is put in
/// on the way.</param>
/// <param name="SaveOutputs">Secrets of the project that get the value of an output.</param>
/// <param name="Version">For restore: which state.</param>
public sealed record StackInput(
    [property: StringLength(IdRule.LengthMax, MinimumLength = 1)] string Name,
    [property: RegularExpression("init|plan|apply|output|history|restore",
        ErrorMessage = "action is init, plan, apply, output, history or restore")] string Action,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string Path = "infra",
    [property: RegularExpression("tofu|terraform|pulumi",
        ErrorMessage = "program is tofu, terraform or pulumi")]
    string? Program = null,
    [property: RegularExpression("[0-9a-f]{64}", ErrorMessage = "a plan is named by 64 hex digits")]
    string? Plan = null,
    [property: StringLength(StackLimits.SummaryCharsMax)] string? Changes = null,
    bool Destroy = false,
    ImmutableSortedDictionary<string, string>? Vars = null,
    ImmutableSortedDictionary<string, string>? Secrets = null,
    ImmutableSortedDictionary<string, string>? SecretVars = null,
    ImmutableSortedDictionary<string, string>? Placeholders = null,
    ImmutableSortedDictionary<string, string>? SaveOutputs = null,
    [property: Range(1, int.MaxValue)] int? Version = null,
    [property: Range(1, StackLimits.MinutesMax)] int Minutes = StackLimits.MinutesDefault)
{
    public const string Init = "init";
    internal const string PlanAction = "plan";
    public const string Apply = "apply";
    public const string Output = "output";
    public const string History = "history";
    public const string Restore = "restore";

    internal AegisError? Fault(StackProgram program)
    {
        AegisError Wrong(string member, string expected, string got) => new("AEGIS2001",
            $"{program.Tool}: {member} is malformed", expected, got, "correct the input")
        {
            Place = new ErrorPlace(ErrorPlace.Step(member)),
        };
        if (!IdRule.IsValid(Name))
        {
            return Wrong("name", "letters, digits, '.', '_', '-'", Name);
        }
        if (Action == Apply && (Plan is null || Changes is null))
        {
            return Wrong("plan", "for apply: plan and changes, as the step that planned put them out",
                Plan is null ? "no plan" : "no changes");
        }
        if (Action == Restore && Version is null)
        {
            return Wrong("version", "for restore: a version that history lists", "none");
        }
        if (Destroy && (Action != PlanAction || !program.PlansDestroy))
        {
            return Wrong("destroy", "the action plan of a program that can plan it", Action);
        }
        if (Program is not null && !program.Programs.Contains(Program))
        {
            return Wrong("program", string.Join(" or ", program.Programs), Program);
        }
        var environment = (Secrets?.Keys ?? []).Concat(Placeholders?.Keys ?? []).ToList();
        var variables = (Vars?.Keys ?? []).Concat(SecretVars?.Keys ?? []).ToList();
        if (environment.Count + variables.Count is var count && count > StackLimits.VariablesMax)
        {
            return Wrong("vars", $"at most {StackLimits.VariablesMax} variables", $"{count}");
        }
        return environment.Where(n => !IsName(n) || EnvironmentNames.WhyDenied(n) is not null)
                .Select(n => Wrong("secrets", "variables of letters, digits and _ that may be set", n))
                .Concat(variables.Where(n => n.Length == 0 || n[0] == '-'
                        || !n.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or ':'))
                    .Select(n => Wrong("vars", "names of letters, digits, '_', '-' and ':'", n)))
                .Concat((Secrets?.Values ?? []).Concat(SecretVars?.Values ?? [])
                    .Concat(Placeholders?.Values ?? []).Concat(SaveOutputs?.Values ?? [])
                    .Where(n => !IdRule.IsValid(n))
                    .Select(n => Wrong("secrets", "names of secrets of the project", n)))
                .FirstOrDefault()
            ?? WorkPath.Wrong(Path, "path");
    }

    private static bool IsName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
