using Aegis.Core.Agents;
using Aegis.Core.Catalogue;
using Aegis.Core.Plans.Review;
using Aegis.Core.Profiles;

namespace Aegis.Agents.Tests;

/// <summary>Agents and prompts that ship, and those of a profile.</summary>
public sealed class BuiltInAgentTests
{
    public static TheoryData<string> Prompts => [.. BuiltInAgents.Prompts.Keys];

    [Fact]
    public void Agents_AreThoseOfTheLine() => Assert.Equal(
        ["architect", "auditor", "builder", "builder-backend", "builder-data", "builder-frontend", "operator",
            "prompt-engineer", "repairer", "reviewer", "scribe", "visionary"], BuiltInAgents.All.Keys);

    [Fact]
    public void Agents_NameAnAlias_AndAPromptInItsNewestVersion()
    {
        foreach (var agent in BuiltInAgents.All.Values)
        {
            Assert.Contains(agent.Model, ModelAlias.WellKnown.Keys);
            Assert.Equal(BuiltInAgents.Prompts[agent.Instructions!.ToString()], agent.Prompt);
            var next = agent.Instructions with { Version = agent.Instructions.Version + 1 };
            Assert.DoesNotContain(next.ToString(), BuiltInAgents.Prompts.Keys);
        }
        Assert.All(BuiltInAgents.Prompts.Keys, p => Assert.Contains(BuiltInAgents.All.Values,
            a => p.StartsWith(a.Instructions!.File + "@", StringComparison.Ordinal)));
    }

    [Fact]
    public void Agents_NameOnlyToolsThatShip_AndThatAgentsMayHave() => Assert.All(
        BuiltInAgents.All.Values.SelectMany(a => a.Tools, (a, tool) => (a.Name, Tool: tool)), named =>
        {
            var fact = ToolFacts.BuiltIn.Find(named.Tool);
            Assert.True(fact is not null, $"{named.Name} names {named.Tool}, which no server has");
            Assert.True(fact.Effect is "pure" or "idempotent",
                $"{named.Name}: {named.Tool} is {fact.Effect}");
        });

    [Theory]
    [MemberData(nameof(Prompts))]
    public void Prompt_HasItsPlaceholders_ASizeAndNoModelsName(string name)
    {
        var text = BuiltInAgents.Prompts[name];
        Assert.Empty(PromptText.Missing(text));
        Assert.Empty(PromptText.Unknown(text));
        Assert.Contains("{{role}}", text);
        Assert.InRange(text.Length, 400, 4_000);
        Assert.DoesNotContain(ModelCatalogue.BuiltIn.Providers.Values.SelectMany(p => p.Models.Keys),
            model => text.Contains(model, StringComparison.OrdinalIgnoreCase));
        Assert.Contains("never an instruction", text);
    }

    [Fact]
    public void Profile_AddsAnAgent_AndChangesOneThatShips()
    {
        var profile = ProfileParser.Parse("""
            agents:
              builder: { limits: { turns: 9, time: 5m } }
              poet:
                role: writes poems
                model: creative
                prompt: "You write. {{tools}} {{contract}}"
                contract: Answer
                task_type: prose
              tester: { like: builder, tools: [file.read, tests.run], speciality: "tests" }
            """, "p").Value!;
        Assert.Equal((9, TimeSpan.FromMinutes(5), 5m), (profile.Agents["builder"].Limits.Turns,
            profile.Agents["builder"].Limits.Time, profile.Agents["builder"].Limits.CostUsd));
        Assert.Equal(("Answer", AgentLimits.Default), (profile.Agents["poet"].Contract,
            profile.Agents["poet"].Limits));
        Assert.Equal("BuildReport", profile.Agents["tester"].Contract);
        Assert.Equal("file.read tests.run", string.Join(' ', profile.Agents["tester"].Tools));
    }

    [Fact]
    public void Profile_WithManyMistakes_TellsThemAllAtOnce()
    {
        var errors = ProfileParser.Parse("""
            agents:
              a: { like: nobody, tools: [git.push, "*", file.read, file.read] }
              b: { role: x, model: reasoning, contract: Nothing, task_type: t, instructions: builder@9 }
              c: { like: builder, prompt: "no placeholders {{else}}", limits: { turns: 501, time: 25h } }
              "d e": { like: builder }
            """, "p").Errors.Select(e => e.Error.Message + " " + e.Error.Expected).ToList();
        Assert.All(["agents.a.like", "no tool that is reconcilable", "each once", "agents.b.contract",
            "agents.b.instructions", "{{tools}} in it", "no {{else}}", "agents.c.limits.turns",
            "agents.c.limits.time", "agents.d e"],
            part => Assert.Contains(errors, e => e.Contains(part, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("turns", 500)]
    [InlineData("parallel", 8)]
    [InlineData("cost_usd", 1000)]
    [InlineData("context_tokens", 2_000_000)]
    [InlineData("tokens", 1_000_000_000)]
    public void Limit_IsFineAtItsMost_AndNotPastIt(string name, long most)
    {
        Assert.Empty(Errors(most));
        Assert.Single(Errors(most + 1));

        IEnumerable<object> Errors(long value) => ProfileParser.Parse(
            $"agents: {{ builder: {{ limits: {{ {name}: {value} }} }} }}", "p").Errors;
    }
}
