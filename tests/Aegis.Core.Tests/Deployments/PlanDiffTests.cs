using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Deployments.Stacks;

namespace Aegis.Core.Tests.Deployments;

/// <summary>Plans as programs say them, and as people approve them.</summary>
public sealed class PlanDiffTests
{
    private const string Terraform = """
        { "variables": { "p": { "value": "hunter22" } }, "prior_state": { "x": "hunter22" },
          "resource_changes": [
          { "address": "a.one", "change": { "actions": ["create"], "before": null,
            "after": { "name": "n", "inner": { "s": "hunter22", "t": 1 }, "list": ["hunter22", "open"] },
            "after_unknown": { "id": true }, "before_sensitive": false,
            "after_sensitive": { "inner": { "s": true }, "list": [true, false] } } },
          { "address": "a.two", "change": { "actions": ["delete", "create"], "before": { "v": "hunter22" },
            "after": { "v": "hunter23" }, "after_unknown": {}, "before_sensitive": true,
            "after_sensitive": true } },
          { "address": "a.same", "change": { "actions": ["no-op"], "before": {}, "after": {} } },
          { "address": "a.gone", "change": { "actions": ["delete"], "before": { "k": 1 }, "after": null } } ],
          "output_changes": { "o": { "actions": ["update"] }, "p": { "actions": ["no-op"] } } }
        """;

    [Fact]
    public void Terraform_IsCounted_AndShowsNothingSensitive()
    {
        var diff = PlanDiff.OfTerraform(JsonElement.Parse(Terraform));
        Assert.Equal((2, 0, 2), (diff.Add, diff.Change, diff.Destroy));
        Assert.Equal("2 to add, 0 to change, 2 to destroy\n- a.gone\n+ a.one\n-/+ a.two (v)", diff.Summary());
        Assert.Equal<string>(["o"], diff.Outputs);
        var json = System.Text.Encoding.UTF8.GetString(diff.ToJson());
        Assert.DoesNotContain("hunter", json);
        var one = JsonElement.Parse(json).GetProperty("changes")[1].GetProperty("attributes");
        Assert.Equal("""{"s":"(sensitive)","t":1}""",
            one.GetProperty("inner").GetProperty("after").GetRawText());
        Assert.Equal("""["(sensitive)","open"]""", one.GetProperty("list").GetProperty("after").GetRawText());
        Assert.Equal("(known after apply)", one.GetProperty("id").GetProperty("after").GetString());
    }

    [Fact]
    public void Pulumi_CountsAReplacementOnce()
    {
        var diff = PlanDiff.OfPulumi(JsonElement.Parse("""
            { "steps": [ { "op": "same", "urn": "u:0" }, { "op": "create", "urn": "u:1" },
              { "op": "create-replacement", "urn": "u:2" },
              { "op": "replace", "urn": "u:2", "diffReasons": ["size"] },
              { "op": "delete-replaced", "urn": "u:2" }, { "op": "update", "urn": "u:3" } ] }
            """));
        Assert.Equal("2 to add, 1 to change, 1 to destroy\n+ u:1\n-/+ u:2 (size)\n~ u:3", diff.Summary());
    }

    [Theory]
    [InlineData(68, false)]
    [InlineData(69, true)]
    public void Summary_IsCutAtTheLimit(int count, bool cut)
    {
        var diff = new PlanDiff([.. Enumerable.Range(0, count).Select(i => new StackChange(
            $"aws_s3_bucket.bucket_{i:000}", "create", ImmutableSortedDictionary<string, JsonNode?>.Empty))],
            []);
        var text = diff.Summary();
        Assert.True(text.Length <= StackLimits.SummaryCharsMax);
        Assert.Equal(cut, text.Contains("… and ", StringComparison.Ordinal));
    }
}
