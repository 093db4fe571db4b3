using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;

namespace Aegis.Agents.Contracts;

/// <summary>How something is started and watched.</summary>
/// <param name="Start">The program that is started, and its arguments.</param>
/// <param name="HealthPath">What is asked for its health, such as <c>/healthz</c>.</param>
/// <param name="Services">Several behind one address, such as a page and its API, in place of start.</param>
public sealed record DeployReport(
    [property: Required, StringLength(ContractText.TextMax, MinimumLength = 1)] string Summary,
    [property: Length(1, 64)] ImmutableArray<string>? Start,
    [property: Range(1, 65_535)] int? Port,
    [property: StringLength(ContractText.LineMax)] string? HealthPath,
    [property: Length(0, 1_000)] ImmutableArray<string> FilesChanged,
    [property: Length(1, 8)] ImmutableArray<DeployedRoute>? Services = null);

/// <param name="Route">The beginning of the paths that it answers; <c>/</c> for all that no other
/// does.</param>
/// <param name="Folder">In the repository.</param>
/// <param name="Start">The program and its arguments; without them the folder's files are served.</param>
/// <param name="Strip">The route is taken off before the program sees a path.</param>
public sealed record DeployedRoute(
    [property: Required, RegularExpression(ContractText.Id)] string Name,
    [property: Required, StringLength(256, MinimumLength = 1)] string Route,
    [property: StringLength(ContractText.LineMax, MinimumLength = 1)] string Folder = ".",
    [property: Length(1, 64)] ImmutableArray<string>? Start = null,
    [property: StringLength(256, MinimumLength = 1)] string Health = "/health",
    bool Strip = false);
