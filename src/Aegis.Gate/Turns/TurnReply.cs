using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Gate.Turns;

/// <summary>What a model said in a turn: no private reasoning.</summary>
/// <param name="Turn">From 1.</param>
/// <param name="Finish">stop, length, tool_calls, filter or paused.</param>
/// <param name="Origin">live, cached, recorded or scripted.</param>
/// <param name="Tokens">Input and output of the call.</param>
public sealed record TurnReply(string Agent, int Turn, string Text, ImmutableArray<AskedCall> Calls,
    string Finish, string Origin, long Tokens, decimal CostUsd);

/// <summary>A call that a model asked for.</summary>
/// <param name="Name">As the model wrote it.</param>
/// <param name="Arguments">The text that it wrote; it may be no JSON.</param>
public sealed record AskedCall(string Id, string Name, string Arguments);

/// <summary>A call that is made for a model.</summary>
/// <param name="Number">Of the call in its turn, from 1.</param>
/// <param name="ToolsOnly">The only tools that the agent may call.</param>
public sealed record TurnCall(int Number, string Tool, JsonElement Input,
    ImmutableHashSet<string> ToolsOnly);
