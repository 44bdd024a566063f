-- What a channel told about a deduction is shown with its order and on the timelines of its cases.
create index callbacks_by_deduction on hub.callbacks (deduction_id, id) where deduction_id is not null;
