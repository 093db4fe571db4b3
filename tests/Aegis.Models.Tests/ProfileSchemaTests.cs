using System.Text.Json;
using Aegis.Core.Profiles;
using Aegis.Core.Rehearsals;

namespace Aegis.Models.Tests;

/// <summary>The schema for editors and the parser know the same keys, and the documentation's example is
/// one.</summary>
public sealed class ProfileSchemaTests
{
    private static readonly string Root = FindRoot();
    private static readonly JsonElement Schema =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "contracts/profile.schema.json"))).RootElement;

    [Theory]
    [InlineData("the profile", "", "properties")]
    [InlineData("models.a", "models: {a: {0}}", "properties/models/additionalProperties/oneOf/1/properties")]
    [InlineData("providers.a", "providers: {a: {0}}", "properties/providers/additionalProperties/properties")]
    [InlineData("models.a", "models: {a: [{0}]}",
        "properties/models/additionalProperties/oneOf/2/items/oneOf/1/properties")]
    [InlineData("generation", "generation: {0}", "properties/generation/properties")]
    [InlineData("cache", "cache: {0}", "properties/cache/properties")]
    [InlineData("rag", "rag: {0}", "properties/rag/properties")]
    [InlineData("rag.collections", "rag: {collections: [{0}]}",
        "properties/rag/properties/collections/items/properties")]
    [InlineData("forge", "forge: {0}", "properties/forge/oneOf/1/properties")]
    [InlineData("mcp", "mcp: {0}", "properties/mcp/properties")]
    [InlineData("mcp.servers.a", "mcp: {servers: {a: {0}}}",
        "properties/mcp/properties/servers/additionalProperties/properties")]
    [InlineData("agents.a", "agents: {a: {0}}", "properties/agents/additionalProperties/properties")]
    [InlineData("agents.a.limits", "agents: {a: {limits: {0}}}",
        "properties/agents/additionalProperties/properties/limits/properties")]
    [InlineData("sandbox", "sandbox: {0}", "properties/sandbox/properties")]
    [InlineData("policies", "policies: {0}", "properties/policies/properties")]
    [InlineData("policies.audit_rules", "policies: {audit_rules: {0}}",
        "properties/policies/properties/audit_rules/properties")]
    [InlineData("policies.quotas", "policies: {quotas: {0}}",
        "properties/policies/properties/quotas/properties")]
    public void Keys_AreTheSameInBoth(string where, string around, string path)
    {
        var yaml = around.Length == 0 ? "nonsense: 1" : around.Replace("{0}", "{nonsense: 1}");
        var error = ProfileParser.Parse(yaml, "p").Errors.Single(e => e.Error.Code == "AEGIS2313").Error;
        Assert.Equal($"unknown key nonsense in {where}", error.Message);
        var node = path.Split('/').Aggregate(Schema, (at, name) =>
            at.ValueKind == JsonValueKind.Array ? at[int.Parse(name)] : at.GetProperty(name));
        Assert.Equal(node.EnumerateObject().Select(p => p.Name).Order(), error.Expected!.Split(", ").Order());
    }

    [Fact]
    public void Example_OfTheDocumentation_IsAProfile()
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs/profile.md"));
        var blocks = page.Split("```yaml\n").Skip(1).Select(part => part.Split("```")[0]).ToArray();
        Assert.Empty(ProfileParser.Parse(blocks[0], "profile.yaml").Errors);
        Assert.Empty(RehearsalFile.Parse(blocks[1], "rehearsal.yaml").Errors);
    }

    [Fact]
    public void Samples_Profile_IsAProfile()
    {
        var folder = Path.Combine(Root, "samples/profiles/feature-branch-ci");
        var profile = ProfileParser.Parse(File.ReadAllText(Path.Combine(folder, "profile.yaml")),
            "profile.yaml");
        Assert.Empty(profile.Errors);
        var rehearsal = File.ReadAllText(Path.Combine(folder, profile.Value!.Rehearsal!));
        Assert.Empty(RehearsalFile.Parse(rehearsal, "rehearsal.yaml").Errors);
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Aegis.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }
        return folder;
    }
}
