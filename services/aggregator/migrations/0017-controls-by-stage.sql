-- Stages are held by their own names, which are those of everything else that names a stage.
update controls set name = case name when 'downloader' then 'download' else 'scan' end
where kind = 'stage' and name in ('downloader', 'scanner');
