using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core;
using Aegis.Core.Errors;
using Aegis.Core.Intents;
using Aegis.Core.Plans.Shipped;
using Aegis.Engine;
using Aegis.Gate;
using Aegis.Ledger.Tenants;
using Aegis.Server.Auth;
using Aegis.Server.Problems;
using Aegis.Server.Rooms;

namespace Aegis.Server.Plans;

/// <summary>What is to be reached.</summary>
/// <param name="Words">In the words of whoever wants it.</param>
/// <param name="Inputs">More inputs of the line.</param>
/// <param name="Repository">A new one where left out.</param>
internal sealed record Objective(string Words, JsonElement? Inputs = null, string? Repository = null);

/// <summary>A plan by what it is to reach: the assembly line, the project's own where one is registered, with
/// the objective as its input. It is started at once, on the repository that is named, or on a new
/// one.</summary>
internal static class ObjectivePlan
{
    /// <summary>The workflow that takes an objective.</summary>
    public const string Workflow = "assembly-line";

    /// <summary>Characters of an objective.</summary>
    public const int ObjectiveCharsMax = 16_384;

    private const int NameCharsMax = 40;
    private const int NamesTriedMax = 100;

    /// <param name="run">The id of its run, where it is known before.</param>
    public static async Task<PlanAnswer> StartAsync(DoorParts parts, Principal by, TenancyKeys keys,
        Objective asked, RunId? run, CancellationToken cancel)
    {
        if (!by.Holds(Scopes.RunsWrite))
        {
            throw new AegisException(DoorErrors.ScopeMissing(Scopes.RunsWrite));
        }
        var inputs = Inputs(asked);
        var plan = await parts.Workflows.FindAsync(keys, Workflow, cancel) is { } own
            ? await parts.PlanDesk.GetAsync(by, new PlanId(own.PlanId), cancel)
            : await parts.PlanDesk.ShippedAsync(by, ShippedWorkflows.Find(Workflow)!, cancel);
        var repository = asked.Repository ?? await NewRepositoryAsync(parts, by, asked.Words, cancel);
        var started = await parts.RunDesk.StartAsync(by, new PlanId(plan.PlanId), new RunRequest(inputs, null,
            repository, null, run) { MayBeThere = true }, cancel);
        return PlanAnswer.Of(plan) with { RunId = started.Value, Repository = repository };
    }

    private static JsonElement Inputs(Objective asked)
    {
        var inputs = asked.Inputs switch
        {
            null => [],
            { ValueKind: JsonValueKind.Object } given => JsonNode.Parse(given.GetRawText())!.AsObject(),
            _ => throw new AegisException(DoorErrors.Malformed("inputs is no map", "an object")),
        };
        inputs["objective"] = asked.Words;
        return JsonSerializer.SerializeToElement(inputs);
    }

    private static async Task<string> NewRepositoryAsync(
        DoorParts parts, Principal by, string objective, CancellationToken cancel)
    {
        if (parts.Repositories is not { } forge || !by.Holds(Scopes.RepoWrite))
        {
            throw new AegisException(new AegisError("AEGIS2732", "an objective needs a repository",
                "repository, or a key with repo:write that a new one is made with", "neither",
                "name a repository of the project"));
        }
        var name = NameOf(objective);
        for (var number = 1; ; number++)
        {
            var tried = number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{number}");
            try
            {
                return (await forge.BeginAsync(by.Tenancy, tried, "Begin", cancel)).Name;
            }
            catch (AegisException e) when (e.Error.Code == "AEGIS2202" && number < NamesTriedMax)
            {
                // taken: the next number
            }
        }
    }

    /// <summary>The first words of an objective, as a repository's name.</summary>
    internal static string NameOf(string objective)
    {
        var name = new StringBuilder();
        foreach (var letter in FoldedText.Fold(objective))
        {
            if (char.IsAsciiLetterOrDigit(letter))
            {
                name.Append(letter);
            }
            else if (name is { Length: > 0 } && name[^1] != '-')
            {
                if (name.Length > NameCharsMax)
                {
                    break;
                }
                name.Append('-');
            }
        }
        var words = name.ToString().Trim('-');
        if (words.Length > NameCharsMax)
        {
            var end = words.LastIndexOf('-', NameCharsMax);
            words = words[..(end > 0 ? end : NameCharsMax)];
        }
        return words.Length == 0 ? "project" : words;
    }
}
