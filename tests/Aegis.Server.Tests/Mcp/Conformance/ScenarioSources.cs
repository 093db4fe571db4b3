using System.Text.Json;
using Aegis.Gate.Peers;
using Aegis.Server.Auth;
using Aegis.Server.Mcp.Sources;
using ModelContextProtocol.Protocol;

namespace Aegis.Server.Tests.Mcp.Conformance;

/// <summary>The resources that the scenarios read.</summary>
internal sealed class ScenarioResources : ResourceSource
{
    private const string Template = "test://template/";

    public override string Scope => Scopes.ArtifactsRead;

    public override IReadOnlyList<ResourceTemplate> Templates { get; } =
    [
        new ResourceTemplate
        {
            Name = "template",
            UriTemplate = "test://template/{id}/data",
            MimeType = "application/json",
        },
    ];

    public override ValueTask<IReadOnlyList<Resource>> ListAsync(
        SourceCaller caller, int limit, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<Resource>>(
        [
            Named("static-text", "text/plain"),
            Named("static-binary", "image/png"),
            Named("watched-resource", "text/plain"),
        ]);

    public override ValueTask<ResourceContents?> ReadAsync(
        SourceCaller caller, string uri, CancellationToken cancel) =>
        ValueTask.FromResult<ResourceContents?>(uri switch
        {
            "test://static-text" =>
                Text(uri, "text/plain", "This is the content of the static text resource."),
            "test://watched-resource" => Text(uri, "text/plain", "Watched"),
            "test://static-binary" => BlobResourceContents.FromBytes(
                Convert.FromBase64String(ScenarioTools.Image), uri, "image/png"),
            _ when uri.StartsWith(Template, StringComparison.Ordinal)
                && uri.EndsWith("/data", StringComparison.Ordinal) => Text(uri, "application/json",
                    JsonSerializer.Serialize(new
                    {
                        id = uri[Template.Length..^5],
                        templateTest = true,
                        data = $"Data for ID: {uri[Template.Length..^5]}",
                    })),
            _ => null,
        });

    private static Resource Named(string name, string type) => new()
    {
        Uri = $"test://{name}",
        Name = name,
        Description = "A resource for testing",
        MimeType = type,
    };

    private static TextResourceContents Text(string uri, string type, string text) =>
        new() { Uri = uri, MimeType = type, Text = text };
}

/// <summary>The prompts that the scenarios get.</summary>
internal sealed class ScenarioPrompts : PromptSource
{
    public override string Scope => Scopes.PlansRead;

    public override ValueTask<IReadOnlyList<Prompt>> ListAsync(
        SourceCaller caller, int limit, CancellationToken cancel) =>
        ValueTask.FromResult<IReadOnlyList<Prompt>>(
        [
            Named("test_simple_prompt"),
            Named("test_prompt_with_arguments", "arg1", "arg2"),
            Named("test_prompt_with_embedded_resource", "resourceUri"),
            Named("test_prompt_with_image"),
            Named("test_input_required_result_prompt"),
        ]);

    public override async ValueTask<GetPromptResult?> GetAsync(SourceCaller caller, string name,
        IReadOnlyDictionary<string, JsonElement> arguments, CallPeer peer, CancellationToken cancel)
    {
        string Of(string argument) => arguments[argument].GetString()!;
        switch (name)
        {
            case "test_simple_prompt":
                return Saying(Text("This is a simple prompt for testing."));
            case "test_prompt_with_arguments":
                return Saying(Text(
                    $"Prompt with arguments: arg1='{Of("arg1")}', arg2='{Of("arg2")}'"));
            case "test_prompt_with_embedded_resource":
                return Saying(new EmbeddedResourceBlock
                {
                    Resource = new TextResourceContents
                    {
                        Uri = Of("resourceUri"),
                        MimeType = "text/plain",
                        Text = "Embedded resource content for testing.",
                    },
                }, Text("Please process the embedded resource above."));
            case "test_prompt_with_image":
                return Saying(ImageContentBlock.FromBytes(
                    Convert.FromBase64String(ScenarioTools.Image), "image/png"),
                    Text("Please analyze the image above."));
            case "test_input_required_result_prompt":
                var replies = await peer.AskAsync([new PeerRequest.Form("user_context", "What for?",
                    ScenarioTools.Schema("context", "string"))], cancel);
                return Saying(Text($"With {replies["user_context"].Content?.GetRawText()}"));
            default:
                return null;
        }
    }

    private static TextContentBlock Text(string text) => new() { Text = text };

    private static GetPromptResult Saying(params ContentBlock[] parts) => new()
    {
        Messages = [.. parts.Select(p => new PromptMessage { Role = Role.User, Content = p })],
    };

    private static Prompt Named(string name, params string[] arguments) => new()
    {
        Name = name,
        Description = "A prompt for testing",
        Arguments = [.. arguments.Select(a => new PromptArgument { Name = a, Required = true })],
    };
}
