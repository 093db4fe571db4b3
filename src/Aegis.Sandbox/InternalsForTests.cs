using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Aegis.Sandbox.Tests")]
