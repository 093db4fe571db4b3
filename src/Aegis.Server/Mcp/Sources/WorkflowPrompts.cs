using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Plans;
using Aegis.Core.Runs.Events;
using Aegis.Gate.Peers;
using Aegis.Ledger.Triggers;
using Aegis.Server.Auth;
using Aegis.Server.Rooms;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Mcp.Sources;

/// <summary>Registered workflows as prompts: their inputs are the arguments, and the words tell a model how
/// to start one by <c>workflow.run</c>.</summary>
internal sealed class WorkflowPrompts(DoorParts parts) : PromptSource
{
    public override string Scope => Scopes.PlansRead;

    public override async ValueTask<IReadOnlyList<Prompt>> ListAsync(
        SourceCaller caller, int limit, CancellationToken cancel)
    {
        var found = await parts.Workflows.ListAsync(caller.Keys, cancel, null, limit);
        var prompts = new List<Prompt>(found.Length);
        foreach (var workflow in found)
        {
            prompts.Add(new Prompt
            {
                Name = workflow.Name,
                Description = $"Runs the registered workflow {workflow.Name}",
                Arguments = [.. (await InputsAsync(caller, workflow, cancel)).Select(i => new PromptArgument
                {
                    Name = i.Name,
                    Description = i.Description,
                    Required = i.Required,
                })],
            });
        }
        return prompts;
    }

    public override async ValueTask<GetPromptResult?> GetAsync(SourceCaller caller, string name,
        IReadOnlyDictionary<string, JsonElement> arguments, CallPeer peer, CancellationToken cancel)
    {
        if (await parts.Workflows.FindAsync(caller.Keys, name, cancel) is not { } workflow)
        {
            return null;
        }
        var inputs = new JsonObject();
        foreach (var (key, value) in arguments)
        {
            inputs[key] = JsonNode.Parse(value.GetRawText());
        }
        var call = new JsonObject { ["workflow"] = workflow.Name, ["inputs"] = inputs };
        return new GetPromptResult
        {
            Description = $"Runs the registered workflow {workflow.Name}",
            Messages =
            [
                new PromptMessage
                {
                    Role = Role.User,
                    Content = new TextContentBlock
                    {
                        Text = $"Call the tool workflow.run with {call.ToJsonString()}, wait for its end, "
                            + "and say what came of it. Where it fails, say the error's code and what mends "
                            + "it.",
                    },
                },
            ],
        };
    }

    /// <summary>What its plan asks for; nothing where the workflow's text stands in a blob.</summary>
    private async ValueTask<IReadOnlyList<InputSpec>> InputsAsync(
        SourceCaller caller, RegisteredWorkflow workflow, CancellationToken cancel)
    {
        var page = await parts.Streams.PageAsync(caller.Keys, workflow.PlanId, 0, 1, cancel);
        if (page is not { Events: [{ Type: nameof(PlanCreated), Payload: { } payload }, ..] }
            || RunEventCodec.Decode(nameof(PlanCreated), payload) is not PlanCreated { Source: { } source })
        {
            return [];
        }
        return WorkflowCompiler.Compile(Encoding.UTF8.GetBytes(source), workflow.Name).Plan?.Inputs ?? [];
    }
}
