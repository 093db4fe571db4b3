using System.Text.Json;
using Aegis.Core.Plans;

namespace Aegis.Gate.Admission;

/// <summary>What a call is judged by, before or when it is made.</summary>
/// <param name="GrantedRule">The rules that a human let pass for this very call.</param>
public sealed record CallOrder(
    string Tool, JsonElement Input, Principal Principal, PlanPolicy Policy, string? GrantedRule = null);
