<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
 <context>
  <name>panel</name>
  <message>
   <location filename="../notice.py" />
   <source>&amp;Copy details</source>
   <translation>Einzelheiten &amp;kopieren</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>&amp;Edit</source>
   <translation>&amp;Bearbeiten</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>&amp;Job</source>
   <translation>&amp;Auftrag</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>&amp;Part</source>
   <translation>&amp;Stimme</translation>
  </message>
  <message>
   <location filename="../notice.py" />
   <source>&amp;Start the service</source>
   <translation>&amp;Dienst starten</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>&amp;View</source>
   <translation>A&amp;nsicht</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>A/B</source>
   <translation>A/B</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>A/B: next take</source>
   <translation>A/B: nächster Take</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Add to solo</source>
   <translation>Zum Solo dazu</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Aligning the score</source>
   <translation>Noten werden ausgerichtet</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <location filename="../job_bar.py" />
   <source>Cancel</source>
   <translation>Abbrechen</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Cancelled, nothing was left behind</source>
   <translation>Abgebrochen, nichts blieb zurück</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Cancelling</source>
   <translation>Wird abgebrochen</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Choose a folder …</source>
   <translation>Ordner wählen …</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Choose player</source>
   <translation>Spieler wählen</translation>
  </message>
  <message>
   <location filename="../window.py" />
   <source>Click a player to solo the stem; Ctrl adds, Alt enhances.</source>
   <translation>Ein Klick auf einen Spieler hört dessen Stem solo; Strg nimmt ihn dazu, Alt hebt ihn an.</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Close</source>
   <translation>Schließen</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Conditioning</source>
   <translation>Grundlage</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Confidence</source>
   <translation>Sicherheit</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Copy details</source>
   <translation>Einzelheiten kopieren</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Delete the preset</source>
   <translation>Vorlage löschen</translation>
  </message>
  <message>
   <location filename="../notice.py" />
   <source>Dismiss</source>
   <translation>Ausblenden</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Done, waiting for REAPER</source>
   <translation>Fertig, wartet auf REAPER</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Effects</source>
   <translation>Effekte</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Enhance</source>
   <translation>Anheben</translation>
  </message>
  <message>
   <location filename="../evidence_view.py" />
   <source>Evidence: movement of a player over the onsets of a part</source>
   <translation>Belege: Bewegung eines Spielers über den Einsätzen einer Stimme</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Folder of effect chains (.toml)</source>
   <translation>Ordner mit Effektketten (.toml)</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Follow REAPER's cursor</source>
   <translation>REAPERs Cursor folgen</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Gain of Enhance …</source>
   <translation>Pegel des Anhebens …</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Gain of an Alt-click, dB</source>
   <translation>Pegel eines Alt-Klicks, dB</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Go to jobs</source>
   <translation>Zu den Aufträgen</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Go to parts</source>
   <translation>Zu den Stimmen</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Go to picture</source>
   <translation>Zum Bild</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Hear the next run of this item, as the active take in REAPER (Ctrl+B)</source>
   <translation>Den nächsten Lauf dieses Items hören, als aktiven Take in REAPER (Strg+B)</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>How much worse the best matching without this one is</source>
   <translation>Um wie viel schlechter die beste Zuordnung ohne diese ist</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>In the project.</source>
   <translation>Im Projekt.</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Instrument</source>
   <translation>Instrument</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Instrument; edit and re-run</source>
   <translation>Instrument; ändern und neu rechnen</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Job</source>
   <translation>Auftrag</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Keep this player when re-running (L)</source>
   <translation>Diesen Spieler beim neuen Lauf behalten (L)</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Level of the stem's track in REAPER</source>
   <translation>Pegel der Stem-Spur in REAPER</translation>
  </message>
  <message>
   <location filename="../parts_table.py" />
   <source>Level of {0} in dB</source>
   <translation>Pegel von {0} in dB</translation>
  </message>
  <message>
   <location filename="../frame_view.py" />
   <source>Loading the picture …</source>
   <translation>Bild wird geladen …</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <location filename="../parts_model.py" />
   <source>Lock</source>
   <translation>Fest</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Looking for the players</source>
   <translation>Spieler werden gesucht</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>M</source>
   <translation>M</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Margin</source>
   <translation>Abstand</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Matching players and parts</source>
   <translation>Spieler und Stimmen werden zugeordnet</translation>
  </message>
  <message>
   <location filename="../notice.py" />
   <source>Message</source>
   <translation>Meldung</translation>
  </message>
  <message>
   <location filename="../evidence_view.py" />
   <source>Movement of the player over the onsets of the part</source>
   <translation>Bewegung des Spielers über den Einsätzen der Stimme</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Mute</source>
   <translation>Stumm</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Mute the stem in REAPER (M)</source>
   <translation>Stem in REAPER stummschalten (M)</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Name</source>
   <translation>Name</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Name of the part; edit and re-run to rename (F2)</source>
   <translation>Name der Stimme; zum Umbenennen ändern und neu rechnen (F2)</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>No job</source>
   <translation>Kein Auftrag</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>No job yet</source>
   <translation>Noch kein Auftrag</translation>
  </message>
  <message>
   <location filename="../frame_view.py" />
   <source>No job yet: run “avstem: Separate selected items” in REAPER</source>
   <translation>Noch kein Auftrag: in REAPER „avstem: Separate selected items“ ausführen</translation>
  </message>
  <message>
   <location filename="../frame_view.py" />
   <source>No service</source>
   <translation>Kein Dienst</translation>
  </message>
  <message>
   <location filename="../window.py" />
   <source>No service is running for this REAPER. Start it here, or in a terminal:</source>
   <translation>Für dieses REAPER läuft kein Dienst. Hier starten, oder in einem Terminal:</translation>
  </message>
  <message>
   <location filename="../lanes.py" />
   <source>Not known for this job</source>
   <translation>Für diesen Auftrag nicht bekannt</translation>
  </message>
  <message>
   <location filename="../notice.py" />
   <source>Open &amp;log</source>
   <translation>&amp;Protokoll öffnen</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Open log</source>
   <translation>Protokoll öffnen</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Open report</source>
   <translation>Bericht öffnen</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Part</source>
   <translation>Stimme</translation>
  </message>
  <message>
   <location filename="../parts_table.py" />
   <source>Parts and their players</source>
   <translation>Stimmen und ihre Spieler</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Player</source>
   <translation>Spieler</translation>
  </message>
  <message>
   <location filename="../parts_table.py" />
   <source>Player of {0}</source>
   <translation>Spieler von {0}</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Player {0}</source>
   <translation>Spieler {0}</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Players</source>
   <translation>Spieler</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Preset</source>
   <translation>Vorlage</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Progress</source>
   <translation>Fortschritt</translation>
  </message>
  <message>
   <location filename="../editing.py" />
   <source>Pull them apart, or remove one with a right click.</source>
   <translation>Auseinanderziehen, oder einen mit einem Rechtsklick entfernen.</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Re-run &amp;all</source>
   <translation>&amp;Alles neu</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Re-run &amp;unlocked</source>
   <translation>&amp;Offene neu</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Re-run all</source>
   <translation>Alles neu rechnen</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Re-run unlocked</source>
   <translation>Offene neu rechnen</translation>
  </message>
  <message>
   <location filename="../presenter.py" />
   <source>Re-run with other settings, let REAPER insert it.</source>
   <translation>Mit anderen Einstellungen neu rechnen und in REAPER einfügen lassen.</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Reading the media</source>
   <translation>Medien werden gelesen</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Redo</source>
   <translation>Wiederherstellen</translation>
  </message>
  <message>
   <location filename="../frame_view.py" />
   <source>Remove this player</source>
   <translation>Diesen Spieler entfernen</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Rename preset</source>
   <translation>Vorlage umbenennen</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Rename the preset …</source>
   <translation>Vorlage umbenennen …</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Reveal stem file</source>
   <translation>Stem-Datei zeigen</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Run again and find every player anew (Ctrl+Shift+R)</source>
   <translation>Neu rechnen und jeden Spieler neu suchen (Strg+Umschalt+R)</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Run again; locked rows keep their players (Ctrl+R)</source>
   <translation>Neu rechnen; feste Zeilen behalten ihre Spieler (Strg+R)</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Runner-up</source>
   <translation>Zweitbester</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>S</source>
   <translation>S</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Save preset</source>
   <translation>Vorlage speichern</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Save these settings as a preset …</source>
   <translation>Diese Einstellungen als Vorlage speichern …</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Save, rename or delete a preset</source>
   <translation>Vorlage speichern, umbenennen oder löschen</translation>
  </message>
  <message>
   <location filename="../matrix_view.py" />
   <source>Scores of all parts and players</source>
   <translation>Werte aller Stimmen und Spieler</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Separating</source>
   <translation>Stimmen werden getrennt</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Share of such matches that are right</source>
   <translation>Anteil solcher Zuordnungen, die stimmen</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Solo</source>
   <translation>Solo</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Solo the stem in REAPER (S; Shift+S adds)</source>
   <translation>Stem in REAPER solo hören (S; Umschalt+S nimmt dazu)</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Sound</source>
   <translation>Klang</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Spectrogram of the stem; click to go to a time</source>
   <translation>Spektrogramm des Stems; ein Klick geht zu einer Zeit</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Starting</source>
   <translation>Startet</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>Stem files</source>
   <translation>Stem-Dateien</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Stop the job (Ctrl+.)</source>
   <translation>Auftrag anhalten (Strg+.)</translation>
  </message>
  <message>
   <location filename="../parts_table.py" />
   <source>Text for {0}</source>
   <translation>Text für {0}</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>The next best player</source>
   <translation>Der nächstbeste Spieler</translation>
  </message>
  <message>
   <location filename="../window.py" />
   <source>The service is of another version of avstem than this panel.</source>
   <translation>Der Dienst gehört zu einer anderen Version von avstem als dieses Fenster.</translation>
  </message>
  <message>
   <location filename="../presenter.py" />
   <source>There is no other run of this item in the project to compare with.</source>
   <translation>Im Projekt ist kein anderer Lauf dieses Items zum Vergleichen.</translation>
  </message>
  <message>
   <location filename="../conditionings.py" />
   <source>There is no picture: this item is sound alone.</source>
   <translation>Es gibt kein Bild: dieses Item ist nur Ton.</translation>
  </message>
  <message>
   <location filename="../conditionings.py" />
   <source>There is no score: no MIDI was selected with this item.</source>
   <translation>Es gibt keine Noten: mit diesem Item wurde kein MIDI ausgewählt.</translation>
  </message>
  <message>
   <location filename="../window.py" />
   <source>This frame cannot be drawn.</source>
   <translation>Dieses Bild kann nicht gezeigt werden.</translation>
  </message>
  <message>
   <location filename="../presenter.py" />
   <source>This job has no video.</source>
   <translation>Dieser Auftrag hat kein Video.</translation>
  </message>
  <message>
   <location filename="../window.py" />
   <source>Time in the video</source>
   <translation>Zeit im Video</translation>
  </message>
  <message>
   <location filename="../editing.py" />
   <source>Two boxes lie over each other: they look like one player.</source>
   <translation>Zwei Rahmen liegen übereinander: sie sehen wie ein Spieler aus.</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Undo</source>
   <translation>Rückgängig</translation>
  </message>
  <message>
   <location filename="../window.py" />
   <source>Update both, end the old service, then start it again.</source>
   <translation>Beide aktualisieren, den alten Dienst beenden, dann neu starten.</translation>
  </message>
  <message>
   <location filename="../frame_view.py" />
   <source>Video frame with the players</source>
   <translation>Videobild mit den Spielern</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Waiting</source>
   <translation>Wartet</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Waiting, {0} before it</source>
   <translation>Wartet, {0} davor</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>What makes it ambiguous, or who decided</source>
   <translation>Was sie zweifelhaft macht, oder wer entschied</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>What the separation leans on</source>
   <translation>Worauf sich die Trennung stützt</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Who plays it, from 0, left to right; choosing swaps (P)</source>
   <translation>Wer sie spielt, von 0, von links nach rechts; Wählen tauscht (P)</translation>
  </message>
  <message>
   <location filename="../lanes.py" />
   <location filename="../window.py" />
   <source>Who plays when</source>
   <translation>Wer wann spielt</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Whole recording</source>
   <translation>Ganze Aufnahme</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>Why</source>
   <translation>Warum</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>Writing the stems</source>
   <translation>Stems werden geschrieben</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Zoom in</source>
   <translation>Vergrößern</translation>
  </message>
  <message>
   <location filename="../actions.py" />
   <source>Zoom out</source>
   <translation>Verkleinern</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>cancelled</source>
   <translation>abgebrochen</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>changed: re-run to hear it</source>
   <translation>geändert: neu rechnen, um es zu hören</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>dB</source>
   <translation>dB</translation>
  </message>
  <message>
   <location filename="../lanes.py" />
   <source>does not move as if playing</source>
   <translation>bewegt sich nicht, als spielte er</translation>
  </message>
  <message>
   <location filename="../lanes.py" />
   <source>movement tells nothing</source>
   <translation>aus der Bewegung ist nichts bekannt</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>done</source>
   <translation>fertig</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>failed</source>
   <translation>gescheitert</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>found</source>
   <translation>gezählt</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>inserted</source>
   <translation>eingefügt</translation>
  </message>
  <message>
   <location filename="../evidence_view.py" />
   <source>media time</source>
   <translation>Medienzeit</translation>
  </message>
  <message>
   <location filename="../lanes.py" />
   <source>moves as if playing</source>
   <translation>bewegt sich, als spielte er</translation>
  </message>
  <message>
   <location filename="../frame_view.py" />
   <source>nobody's part</source>
   <translation>ohne Stimme</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>none</source>
   <translation>keine</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>off</source>
   <translation>aus</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>off-screen</source>
   <translation>nicht im Bild</translation>
  </message>
  <message>
   <location filename="../parts_model.py" />
   <source>on</source>
   <translation>an</translation>
  </message>
  <message>
   <location filename="../rerun_bar.py" />
   <source>one per part</source>
   <translation>einer je Stimme</translation>
  </message>
  <message>
   <location filename="../lanes.py" />
   <source>plays by the score</source>
   <translation>spielt nach den Noten</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>queued</source>
   <translation>wartet</translation>
  </message>
  <message>
   <location filename="../lanes.py" />
   <source>rests by the score</source>
   <translation>pausiert nach den Noten</translation>
  </message>
  <message>
   <location filename="../job_bar.py" />
   <source>running</source>
   <translation>läuft</translation>
  </message>
  <message>
   <location filename="../evidence_view.py" />
   <source>{0} · Player {1} · score {2:+.1f}: movement over the part's onsets</source>
   <translation>{0} · Spieler {1} · Wert {2:+.1f}: Bewegung über den Einsätzen</translation>
  </message>
  <message>
   <location filename="../evidence_view.py" />
   <source>{0} · Player {1}: movement alone, there is no score to compare with</source>
   <translation>{0} · Spieler {1}: Bewegung allein, es gibt keine Noten zum Vergleich</translation>
  </message>
  <message>
   <location filename="../evidence_view.py" />
   <source>{0} · Player {1}: playing, over the onsets</source>
   <translation>{0} · Spieler {1}: Spiel, über den Einsätzen</translation>
  </message>
  <message>
   <location filename="../matrix_view.py" />
   <source>{0} × Player {1}</source>
   <translation>{0} × Spieler {1}</translation>
  </message>
  <message>
   <location filename="../evidence_view.py" />
   <source>{0}: onsets alone, nobody in the picture plays it</source>
   <translation>{0}: nur die Einsätze, niemand im Bild spielt sie</translation>
  </message>
  <message>
   <location filename="../evidence_view.py" />
   <source>{0}: onsets alone, there is no picture</source>
   <translation>{0}: nur die Einsätze, es gibt kein Bild</translation>
  </message>
  <message>
   <location filename="../evidence_view.py" />
   <source>{0}: onsets alone, this result keeps no movement</source>
   <translation>{0}: nur die Einsätze, dieses Ergebnis bewahrt keine Bewegung</translation>
  </message>
 </context>
</TS>
